// SPDX-License-Identifier: Apache-2.0
#include <quench/misuse/find_calls.hpp>

#include <array>
#include <doctest/doctest.h>
#include <tuple>

#include "mistakes.hpp"

namespace q = quench;

namespace {

struct Neck {
  q::Conv2d a{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  q::ReLU relu;
  constexpr auto forward(auto x) const { return relu(a(x)); }
};

struct Uncalled {
  Neck first;
  std::array<Neck, 3> necks;
  q::ReLU relu;
  Neck last;
  constexpr auto run(auto x) const { return necks[1].a(first.forward(x)); }
};

struct Alone {
  struct Block {
    q::ReLU relu;
  } block;
  constexpr auto run(auto x) const { return x; }
};

struct PartlyCalled {
  struct Block {
    q::Conv2d first{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
    q::ReLU second, third;
  } block;
  constexpr auto run(auto x) const { return block.first(x); }
};

// A result that nothing uses, a chain of them, and an input.
struct Forgetful {
  using Inputs = q::Inputs<q::Features<4>, q::Features<4>, q::Features<4>>;
  q::QuantStub quant, quant_b;
  q::Linear a{.in_features = 4, .out_features = 4}, b{.in_features = 4, .out_features = 4},
      c{.in_features = 4, .out_features = 4};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y, auto) const {
    auto z = quant(x);
    static_cast<void>(c(b(z)));
    static_cast<void>(quant_b(y));
    static_cast<void>(q::flatten(z));
    return dequant(a(z));
  }
};
struct WithOperators {
  q::Sigmoid sigmoid;
  q::FloatFunctional join;
  constexpr auto run(auto x) const {
    auto y = -(2 * sigmoid(x) - x / 3 + 1.5f);
    y += x;
    return join.cat(x, y, -1);
  }
};
constexpr int line_of_first_assignment = __LINE__ + 5;
struct WithAssignments {
  q::Sigmoid sigmoid;
  constexpr auto run(auto x) const {
    auto y = sigmoid(x);
    y += 1.5f;
    y -= 1;
    y *= 2.0;
    y /= 3u;
    y -= x;
    y *= x;
    y /= x;
    return 1.0f / y;
  }
};
// The unused result follows from the other mistake.
struct CalledTwice {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant;
  q::Linear a{.in_features = 4, .out_features = 4};
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const {
    auto z = quant(x);
    static_cast<void>(a(z));
    return dequant(a(z));
  }
};
// Outputs are used: inputs, results of pre-processing, and results inside of a chain.
struct AllUsed {
  using Inputs = q::Inputs<q::Features<4>, q::Features<4>>;
  q::QuantStub quant;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x, auto y) const { return std::tuple(q::flatten(x), dequant(quant(x)), y); }
};

struct Repeated {
  q::FloatFunctional add;
  q::Sigmoid sigmoid;
  q::ReLU relu;
  q::ReLU6 relu6;
  q::MaxPool2d pool{.kernel_size = 1};
  q::Upsample up{.scale_factor = 1};
  q::Linear linear{.in_features = 4, .out_features = 4};
  constexpr auto run(auto x) const {
    x = relu(relu6(pool(up(relu(relu6(pool(up(x))))))));
    x = sigmoid(sigmoid(linear(linear(linear(x)))));
    return add.mul(add.add(x, x), x);
  }
};

struct NoMember {
  static constexpr q::Conv2d shared{.in_channels = 4, .out_channels = 4, .kernel_size = 1};
  constexpr auto run(auto x) const {
    x = q::ReLU{}(x);
    x = q::Linear{.in_features = 4, .out_features = 4}(x);
    return q::FloatFunctional{}.add(shared(x), x);
  }
};

// Sigmoid owns no output scale after the DeQuantStub; a Linear owns its weights everywhere.
struct Postprocessing {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant;
  q::DeQuantStub dequant;
  q::Sigmoid sigmoid;
  q::Linear linear{.in_features = 4, .out_features = 4};
  constexpr auto forward(auto x) const { return linear(linear(sigmoid(sigmoid(dequant(quant(x)))))); }
};

// One output scale: the call after the DeQuantStub needs none.
struct InsideAndOutside {
  using Inputs = q::Inputs<q::Features<4>>;
  q::QuantStub quant;
  q::Sigmoid sigmoid;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return sigmoid(dequant(sigmoid(quant(x)))); }
};

// A condition of a tensor decides whether a layer is called.
struct WithCondition {
  q::ReLU relu;
  q::FloatFunctional add;
  constexpr auto run(auto x) const {
    auto y = 1.0f <= x ? relu(x) : x;
    return add.add(x, y);
  }
};

}  // namespace

TEST_CASE("a module that is never called is found, and a block of such is one mistake") {
  CHECK(mistakes_of<Wrapped<Uncalled, 8, 8, 4>>() ==
        Mistakes{"module-never-called body.necks.0", "module-never-called body.necks.1.relu",
                 "module-never-called body.necks.2", "module-never-called body.relu", "module-never-called body.last"});
  CHECK(mistakes_of<Wrapped<Alone, 8, 8, 4>>() == Mistakes{"module-never-called body.block.relu"});
  CHECK(mistakes_of<Wrapped<PartlyCalled, 8, 8, 4>>() ==
        Mistakes{"module-never-called body.block.second", "module-never-called body.block.third"});
}

TEST_CASE("only what owns parameters or a scale is called once") {
  const auto found = findings_of<Wrapped<Repeated, 8, 8, 4>>();
  CHECK(texts_of(found) == Mistakes{"functional-called-once body.add", "module-called-once body.sigmoid",
                                    "module-called-once body.linear"});
  CHECK(found[0].number == 2);
  CHECK(found[1].number == 2);
  CHECK(found[2].number == 3);
  CHECK(found[2].line_count == 3);
  CHECK(found[2].lines[0] == found[2].lines[2]);
}

TEST_CASE("a layer that is no member is found, unless it owns nothing") {
  CHECK(mistakes_of<Wrapped<NoMember, 8, 8, 4>>() ==
        Mistakes{"module-not-a-member Linear", "module-not-a-member Conv2d", "module-not-a-member add"});
}

TEST_CASE("in float post-processing a layer without parameters may be called again") {
  CHECK(mistakes_of<Postprocessing>() == Mistakes{"module-called-once linear"});
  CHECK(mistakes_of<InsideAndOutside>().empty());
}

TEST_CASE("an input or a result that nothing uses is found at its last call, if nothing else is wrong") {
  CHECK(mistakes_of<Forgetful>() == Mistakes{"result-never-used c", "result-never-used quant_b",
                                             "result-never-used flatten", "input-never-used Input"});
  CHECK(findings_of<Forgetful>().back().number == 2);
  CHECK(mistakes_of<CalledTwice>() == Mistakes{"module-called-once a"});
  CHECK(mistakes_of<AllUsed>().empty());
}

TEST_CASE("operators of C++ and axes of cat are found, and cause nothing else") {
  const std::string op = "operator-has-no-scale ";
  CHECK(mistakes_of<Wrapped<WithOperators, 8, 8, 4>>() == Mistakes{op + "mul_scalar", op + "mul_scalar", op + "sub",
                                                                   op + "add_scalar", op + "mul_scalar", op + "add",
                                                                   "cat-takes-no-axis body.join"});
  const auto found = findings_of<Wrapped<WithAssignments, 8, 8, 4>>();
  CHECK(texts_of(found) == Mistakes{op + "add_scalar", op + "add_scalar", op + "mul_scalar", op + "mul_scalar",
                                    op + "sub", op + "mul", op + "mul", op + "mul_scalar"});
  CHECK(found[0].lines[0] == line_of_first_assignment);
  CHECK(found[7].lines[0] == line_of_first_assignment + 7);
}

TEST_CASE("comparisons are found, and a call that depends on one is not missed") {
  const auto found = findings_of<Wrapped<WithCondition, 8, 8, 4>>();
  CHECK(texts_of(found) == Mistakes{"tensor-has-no-values quant"});
}
