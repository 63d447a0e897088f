// SPDX-License-Identifier: Apache-2.0
// J6E is a NashE; a model made for NashM does not run there as it was checked.
// With WRONG defined this must not compile; expect: quench[march-does-not-match-processor] NashM J6E
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

#ifdef WRONG
using March = q::march::NashM;
#else
using March = q::march::NashE;
#endif
int main() { return q::verified_processor<March, q::processor::J6E>() ? 0 : 1; }
