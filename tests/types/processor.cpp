// SPDX-License-Identifier: Apache-2.0
#include <quench/types/processor.hpp>

#include <doctest/doctest.h>

namespace march = quench::march;
namespace processor = quench::processor;

namespace {

template <class Processor, class... Marches>
constexpr int runs_how_many() {
  return (int{processor::runs<Marches, Processor>} + ...);
}
template <class Processor>
constexpr int marches_of() {
  return runs_how_many<Processor, march::NashE, march::NashM, march::NashP, march::NashB, march::Bayes,
                       march::Bernoulli2>();
}

constexpr bool each_processor_runs_its_march() {
  return processor::runs<march::NashE, processor::J6E> && processor::runs<march::NashM, processor::J6M> &&
         processor::runs<march::NashP, processor::J6P> && processor::runs<march::NashB, processor::J6B> &&
         processor::runs<march::Bayes, processor::J5> && processor::runs<march::Bernoulli2, processor::J3>;
}
constexpr bool and_no_other() {
  return marches_of<processor::J6E>() == 1 && marches_of<processor::J6M>() == 1 && marches_of<processor::J6P>() == 1 &&
         marches_of<processor::J6B>() == 1 && marches_of<processor::J5>() == 1 && marches_of<processor::J3>() == 1;
}

}  // namespace

static_assert(each_processor_runs_its_march());
static_assert(and_no_other());

TEST_CASE("each processor runs models of its own march and of no other") {
  CHECK(each_processor_runs_its_march());
  CHECK(and_no_other());
}
