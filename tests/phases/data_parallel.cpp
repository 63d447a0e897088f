// SPDX-License-Identifier: Apache-2.0
#include <quench/phases/data_parallel.hpp>

#include <doctest/doctest.h>

#include "networks/toy.hpp"

namespace q = quench;

TEST_CASE("a parallel model behaves like its model and gives it back") {
  const auto batch = q::random_batches<toy::Net>(q::Seed{1}, 1, 11)[0];
  q::FloatModel<toy::Net> model{q::Seed{2}};
  q::DataParallel parallel{q::FloatModel<toy::Net>{q::Seed{2}}, q::Workers{3}};
  CHECK(parallel.core().pool().count() == 3);
  CHECK(parallel.forward(batch.images) == model.forward(batch.images));
  auto back = parallel.model();
  CHECK(back.core().pool().count() == 1);
  CHECK(back.predict(batch.images) == model.predict(batch.images));
}
