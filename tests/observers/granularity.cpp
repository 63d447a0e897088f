// SPDX-License-Identifier: Apache-2.0
// One observer for a tensor or one for each channel, against picking the values of a channel one by one.
#include <quench/observers/granularity.hpp>

#include <doctest/doctest.h>

#include <quench/observers/histogram.hpp>
#include <quench/observers/kl.hpp>
#include <quench/observers/min_max.hpp>
#include <quench/observers/percentile.hpp>
#include <quench/tensors/error.hpp>

#include "observers/observing.hpp"

namespace q = quench;

namespace {

// All that a class of one's own needs.
struct Mean {
  void observe(std::span<const float> x) {
    q::finite_range(x);
    for (const float value : x) sum += static_cast<double>(std::abs(value));
    size += static_cast<double>(x.size());
  }
  float scale(q::DType dtype) const {
    if (size == 0) throw q::Error(q::diagnosis::nothing_observed, "");
    return q::scale_from_magnitude(static_cast<float>(sum / size), dtype);
  }
  double sum = 0, size = 0;
};

template <int Axis>
std::vector<float> mean_scales(const xt::xtensor<float, 4>& x) {
  const std::size_t axis = static_cast<std::size_t>(Axis < 0 ? Axis + 4 : Axis);
  std::vector<Mean> means(x.shape(axis));
  std::size_t at[4];
  for (at[0] = 0; at[0] < x.shape(0); ++at[0])
    for (at[1] = 0; at[1] < x.shape(1); ++at[1])
      for (at[2] = 0; at[2] < x.shape(2); ++at[2])
        for (at[3] = 0; at[3] < x.shape(3); ++at[3]) {
          means[at[axis]].sum += static_cast<double>(std::abs(x(at[0], at[1], at[2], at[3])));
          means[at[axis]].size += 1;
        }
  std::vector<float> scales;
  for (const Mean& mean : means) scales.push_back(mean.scale(q::DType::Int8));
  return scales;
}

xt::xtensor<float, 4> tensor(std::mt19937& random, std::size_t a, std::size_t b, std::size_t c, std::size_t d) {
  auto x = xt::xtensor<float, 4>::from_shape({a, b, c, d});
  const std::vector<float> values = observing::values(random, 0, x.size());
  std::copy(values.begin(), values.end(), x.begin());
  return x;
}

template <class O>
concept can_merge = requires(O observer) { observer.merge(observer); };

template <int Axis>
void check_axis() {
  std::mt19937 random(5);
  for (int round = 0; round < 10; ++round) {
    const auto x = tensor(random, 1 + random() % 4, 1 + random() % 5, 1 + random() % 6, 1 + random() % 7);
    q::PerChannelObserver<Mean, Axis> observer;
    CHECK(observer.size() == 0);
    observer.observe(x);
    CHECK(observer.size() == x.shape(static_cast<std::size_t>(Axis < 0 ? Axis + 4 : Axis)));
    CHECK(observer.scales(q::DType::Int8) == mean_scales<Axis>(x));
  }
}

}  // namespace

TEST_CASE("each index of an axis has an observer of its own, on every axis") {
  check_axis<0>();
  check_axis<1>();
  check_axis<2>();
  check_axis<3>();
  check_axis<-1>();
  check_axis<-2>();
  check_axis<-3>();
  check_axis<-4>();
}

TEST_CASE("views with gaps and expressions are observed per channel") {
  std::mt19937 random(6);
  const auto x = tensor(random, 3, 4, 6, 8);
  const auto every_second = xt::view(x, xt::all(), xt::all(), xt::range(0, 6, 2), xt::range(1, 8, 3));
  const xt::xtensor<float, 4> copied = every_second;
  q::PerChannelObserver<Mean, -1> from_view, from_copy, from_expression, from_doubles;
  from_view.observe(every_second);
  from_copy.observe(copied);
  from_expression.observe(copied * 4.0f / 4.0f);
  from_doubles.observe(xt::xtensor<double, 4>(copied));
  CHECK(from_view.scales(q::DType::Int8) == mean_scales<-1>(copied));
  CHECK(from_copy.scales(q::DType::Int8) == mean_scales<-1>(copied));
  CHECK(from_expression.scales(q::DType::Int8) == mean_scales<-1>(copied));
  CHECK(from_doubles.scales(q::DType::Int8) == mean_scales<-1>(copied));
}

TEST_CASE("an observer of one's own is used per tensor") {
  q::PerTensorObserver<Mean> observer;
  CHECK(slug_of([&] { observer.scales(q::DType::Int8); }) == "nothing-observed");
  observer.observe(xt::xtensor<float, 2>{{1, -2}, {3, 6}});
  CHECK(observer.scales(q::DType::Int8) == std::vector{3 / 127.5f});
  CHECK(observer.size() == 1);
  CHECK(observer[0].size == 4);
  struct Broken {
    void observe(std::span<const float>) {}
    float scale(q::DType) const { return 0; }
  };
  CHECK(slug_of([] { q::PerTensorObserver<Broken>{}.scales(q::DType::Int8); }) == "scale-out-of-range");
}

TEST_CASE("bad tensors change no channel") {
  q::PerChannelObserver<q::MinMaxObserver, 0> observer;
  const auto states = [&] {
    std::vector<std::vector<double>> found;
    for (std::size_t c = 0; c < observer.size(); ++c) found.push_back(observer[c].state());
    return found;
  };
  const auto refused = [&](const char* slug, const auto& x) {
    const auto before = states();
    CHECK(slug_of([&] { observer.observe(x); }) == slug);
    CHECK(states() == before);
  };
  for (int round = 0; round < 2; ++round) {
    for (std::size_t at = 0; at < 6; ++at) {
      xt::xtensor<float, 2> x{{1, 2}, {3, 4}, {5, 6}};
      x.data()[at] = at % 2 == 0 ? std::nanf("") : std::numeric_limits<float>::infinity();
      refused("value-not-finite", x);
    }
    refused("empty-input", xt::xtensor<float, 2>::from_shape({3, 0}));
    refused("empty-input", std::vector<float>{});
    observer.observe(xt::xtensor<float, 2>{{1, 2}, {3, 4}, {5, 6}});
  }
  refused("shape-mismatch", xt::xtensor<float, 2>{{1, 2}, {3, 4}});
  q::PerChannelObserver<q::MinMaxObserver, 2> third_axis;
  CHECK(slug_of([&] { third_axis.observe(xt::xtensor<float, 2>{{1, 2}, {3, 4}}); }) == "shape-mismatch");
}

TEST_CASE("a dead channel has the smallest scale, unless all are dead") {
  q::PerChannelObserver<q::MinMaxObserver, 0> observer;
  CHECK(slug_of([&] { observer.scales(q::DType::Int8); }) == "nothing-observed");
  observer.observe(xt::xtensor<float, 2>{{0, 0}, {0, 0}, {1e-9f, 0}});
  CHECK(slug_of([&] { observer.scales(q::DType::Int8); }) == "scale-underflow");
  observer.observe(xt::xtensor<float, 2>{{0, 0}, {-4, 0}, {1e-9f, 0}});
  CHECK(observer.scales(q::DType::Int8) == std::vector{q::smallest_scale, 4 / 127.5f, q::smallest_scale});
  q::PerChannelObserver<q::MinMaxObserver, 0> zeros;
  zeros.observe(std::vector<float>{0, 0});
  CHECK(slug_of([&] { zeros.scales(q::DType::Int8); }) == "only-zeros-observed");
}

TEST_CASE("granular observers merge exactly, channel by channel") {
  std::mt19937 random(7);
  using Channels = q::PerChannelObserver<q::PercentileObserver<>, 1>;
  static_assert(can_merge<Channels> && !can_merge<q::PerTensorObserver<Mean>>);
  Channels once, first, second, empty;
  q::PerTensorObserver<q::KLObserver> whole, one, two;
  for (int batch = 0; batch < 6; ++batch) {
    const auto x = tensor(random, 2, 3, 4, 5);
    once.observe(x);
    whole.observe(x);
    (batch % 3 == 0 ? first : second).observe(x);
    (batch % 3 == 0 ? one : two).observe(x);
  }
  second.merge(first);
  second.merge(empty);
  empty.merge(second);
  two.merge(one);
  CHECK(second.scales(q::DType::Int8) == once.scales(q::DType::Int8));
  CHECK(empty.scales(q::DType::Int8) == once.scales(q::DType::Int8));
  CHECK(two.scales(q::DType::Int8) == whole.scales(q::DType::Int8));
  Channels other;
  other.observe(tensor(random, 2, 4, 1, 1));
  CHECK(slug_of([&] { other.merge(once); }) == "shape-mismatch");
  CHECK(other.size() == 4);
}

TEST_CASE("granular observers are saved and loaded, or left as they are") {
  std::mt19937 random(8);
  using Channels = q::PerChannelObserver<q::PercentileObserver<>, 1>;
  Channels saved, loaded;
  q::PerTensorObserver<q::MinMaxObserver> saved_whole, loaded_whole;
  CHECK(saved.states().empty());
  const auto x = tensor(random, 2, 3, 4, 5);
  saved.observe(x);
  saved_whole.observe(x);
  loaded.load(saved.states());
  loaded_whole.load(saved_whole.states());
  CHECK(loaded.states() == saved.states());
  CHECK(loaded.scales(q::DType::Int8) == saved.scales(q::DType::Int8));
  CHECK(loaded_whole.scales(q::DType::Int8) == saved_whole.scales(q::DType::Int8));
  auto bad = saved.states();
  bad[2][0] = -1;
  CHECK(slug_of([&] { loaded.load(bad); }) == "state-not-valid");
  CHECK(loaded.states() == saved.states());
  CHECK(slug_of([&] { loaded_whole.load({}); }) == "state-not-valid");
  CHECK(slug_of([&] { loaded_whole.load({{1, 2}, {1, 2}}); }) == "state-not-valid");
  CHECK(loaded_whole.states() == saved_whole.states());
  loaded.load({});
  CHECK(loaded.size() == 0);
}

TEST_CASE("a granularity names its observer") {
  CHECK(std::is_same_v<q::GranularObserver<Mean, q::PerTensor>, q::PerTensorObserver<Mean>>);
  CHECK(std::is_same_v<q::GranularObserver<Mean, q::PerChannel<-1>>, q::PerChannelObserver<Mean, -1>>);
}
