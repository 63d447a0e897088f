// SPDX-License-Identifier: Apache-2.0
// `quench::graph<Net>`: the compiler runs `forward` of a description and records its calls.
//
// It runs twice, once to count and once to write, so nothing is allocated and the table has its exact size. A network
// that cannot be run (`fault<Net>` says why) has an empty graph; verify.hpp reports it. Freestanding.
#pragma once

#include <concepts>
#include <tuple>
#include <type_traits>
#include <utility>

#include <quench/ground/apply.hpp>
#include <quench/network/inputs.hpp>
#include <quench/network/modules.hpp>

namespace quench {

/// Why the compiler cannot run `forward` of a description.
enum class NetworkFault : unsigned char {
  None,
  NoInputs,                     // there is no `using Inputs = quench::Inputs<...>` of Image and Features
  ForwardDoesNotTakeTheInputs,  // forward(...) const does not exist or takes another number of tensors
  ForwardIsNotConstexpr,        // it is not declared constexpr, or the compiler cannot run it: see call_count
  ForwardReturnsNoTensor,       // it returns something else than a tensor or a std::tuple of tensors
  NotAnAggregate,               // the network or a block has a constructor, or a private or virtual member
  DefaultIsNotConstexpr,        // the compiler cannot make one: a member is a std::vector or has a wrong initializer
  HasBaseClass,                 // the network or a block
  MoreThan128Members,           // the network or a block
  MoreThan2000Calls,            // forward calls more layers and functions; compilers stop soon after
  MemberWithoutDefault,         // the network or a block has a member that `{}` does not initialize
  ErrorInForward                // forward takes the inputs, but is no valid C++: the compiler says why
};

namespace detail {

template <class Result>
inline constexpr int output_count = -1;
template <>
inline constexpr int output_count<Symbol> = 1;
template <class... Result>
inline constexpr int output_count<std::tuple<Result...>> = ((std::is_same_v<Result, Symbol> ? 1 : -1000) + ... + 0);

template <class Net, class Indices>
struct Forward;

// True if a class can be derived from and has a member function `forward`. Two members with one name are ambiguous. A
// name that is valid without a call is data or static.
struct NamesForward {
  int forward;
};
template <class Net>
struct NamesForwardTwice : Net, NamesForward {};
template <class Net>
concept CanHaveRival = !std::is_final_v<Net> && !requires { &NamesForwardTwice<Net>::forward; } &&
                       !requires(const Net& net) { net.forward; };

// If a const `forward` of the network takes the symbols, a call on an object that is not const is ambiguous. The rival
// is not const, which is better, and converts the symbols, which is worse. So the compiler does not look into the body.
struct Converted {
  Converted(Symbol);  // implicit
};
template <class... Input>
struct Rival {
  void forward(Input...);
};
template <class Net, class... Input>
struct ForwardAndRival : Net, Rival<Input...> {
  using Net::forward;
  using Rival<Input...>::forward;
};

template <class Net, int... I>
struct Forward<Net, std::integer_sequence<int, I...>> {
  template <class Either>
  static constexpr bool are_equal = !requires(Either& either) { either.forward((static_cast<void>(I), Symbol())...); };

  static constexpr bool equals_rival() {
    if constexpr (CanHaveRival<Net>)
      return are_equal<ForwardAndRival<Net, std::conditional_t<(I >= 0), Converted, void>...>>;
    else
      return false;
  }
  static constexpr bool takes_inputs() {
    if constexpr (equals_rival())
      return true;
    else
      return requires { result<Net>(); };  // looks into the body
  }

  // The first call of forward is here and not in a requires-expression. So an error in its body is reported once, and a
  // reason why the call itself is invalid is reported too.
  static constexpr auto call(const Net& net) {
    static_cast<void>(net.forward((static_cast<void>(I), Symbol())...));
    return true;
  }

  // Has no body, so that an error in forward causes no second error here.
  template <class AnyNet>
    requires requires(const AnyNet& net) { net.forward((static_cast<void>(I), Symbol())...); }
  static decltype(std::declval<const AnyNet&>().forward((static_cast<void>(I), Symbol())...)) result();

  static constexpr auto run(const Net& net, Recorder& recorder) { return net.forward(Symbol(&recorder, I)...); }
};

template <class T>
concept InputType = requires {
  { T::color } -> std::convertible_to<ColorFormat>;
  { T::shape } -> std::convertible_to<Shape>;
};

template <class Inputs>
inline constexpr int input_count = -1;
template <InputType... Input>
inline constexpr int input_count<Inputs<Input...>> = sizeof...(Input);

template <class Net>
using ForwardOf = Forward<Net, std::make_integer_sequence<int, input_count<typename Net::Inputs>>>;

template <class Net>
using ResultOf = decltype(ForwardOf<Net>::template result<Net>());

template <class Net>
concept HasValidForward = requires(const Net& net) {
  ForwardOf<Net>::call(net);
  typename ResultOf<Net>;
};

// Never defined: the compiler names it if forward returns a Symbol that was never assigned.
void forward_returns_an_empty_symbol();

constexpr void require_node(Symbol symbol) {
  if (symbol.node() < 0) forward_returns_an_empty_symbol();
}
template <class... Result>
constexpr void require_node(const std::tuple<Result...>& results) {
  ground::apply([](auto... result) { (require_node(result), ...); }, results);
}

template <class Net>
constexpr Recorder count_calls() {
  Recorder recorder;
  recorder.node_count = input_count<typename Net::Inputs>;
  require_node(ForwardOf<Net>::run(numbered<Net>.net, recorder));
  return recorder;
}

template <int>
struct Constant;

// In a requires-expression, a template argument that is not constant is not an error but false.
template <class Net>
concept MadeByTheCompiler = requires { typename Constant<(static_cast<void>(Net{}), 0)>; };
template <class Net>
concept RunsInTheCompiler = requires { typename Constant<count_calls<Net>().node_count>; };

constexpr NetworkFault fault_of(Illegible why) {
  switch (why) {
    case Illegible::No: return NetworkFault::None;
    case Illegible::NotAnAggregate: return NetworkFault::NotAnAggregate;
    case Illegible::HasBaseClass: return NetworkFault::HasBaseClass;
    case Illegible::MoreThan128Members: return NetworkFault::MoreThan128Members;
    case Illegible::MemberWithoutDefault: return NetworkFault::MemberWithoutDefault;
  }
  return NetworkFault::None;
}

template <class Net>
constexpr NetworkFault find_fault() {
  if constexpr (illegible<Net> == Illegible::NotAnAggregate) {
    return NetworkFault::NotAnAggregate;
  } else if constexpr (!MadeByTheCompiler<Net>) {
    return NetworkFault::DefaultIsNotConstexpr;
  } else if constexpr (module_sizes<Net>.illegible_reason != Illegible::No) {
    return fault_of(module_sizes<Net>.illegible_reason);
  } else if constexpr (!requires { typename Net::Inputs; }) {
    return NetworkFault::NoInputs;
  } else if constexpr (input_count<typename Net::Inputs> < 1) {
    return NetworkFault::NoInputs;
  } else if constexpr (!ForwardOf<Net>::takes_inputs()) {
    return NetworkFault::ForwardDoesNotTakeTheInputs;
  } else if constexpr (!HasValidForward<Net>) {
    return NetworkFault::ErrorInForward;
  } else if constexpr (output_count<ResultOf<Net>> < 1) {
    return NetworkFault::ForwardReturnsNoTensor;
  } else if constexpr (!RunsInTheCompiler<Net>) {
    return NetworkFault::ForwardIsNotConstexpr;
  } else {
    return count_calls<Net>().node_count - input_count<typename Net::Inputs> > 2000 ? NetworkFault::MoreThan2000Calls
                                                                                    : NetworkFault::None;
  }
}

template <int Nodes, int Operands, int Modules, int Inputs, int Outputs, int Ties>
struct GraphStorage {
  Node nodes[array_size(Nodes)]{};
  int operands[array_size(Operands)]{};
  Module modules[array_size(Modules)]{};
  int inputs[array_size(Inputs)]{};
  int outputs[array_size(Outputs)]{};
  NamedTie ties[array_size(Ties)]{};

  constexpr Graph view() const {
    return {nodes, Nodes, operands, Operands, modules, Modules, inputs, Inputs, outputs, Outputs, ties, Ties};
  }

  constexpr void add_output(Symbol symbol, int position) {
    outputs[position] = symbol.node();
    ++nodes[symbol.node()].users;
  }
};

template <class... Input>
constexpr void write_inputs(auto& storage, Inputs<Input...>) {
  int i = 0;
  const auto write = [&](ColorFormat color, const Shape& shape, bool indices) {
    storage.nodes[i].color = color;
    storage.nodes[i].has_image_range = color != ColorFormat::None;
    storage.nodes[i].domain = indices ? Domain::Indices : color == ColorFormat::None ? Domain::Float : Domain::Image;
    storage.nodes[i].shape = shape;
    storage.inputs[i] = i;
    ++i;
  };
  (write(Input::color, Input::shape, is_indices<Input>), ...);
}

constexpr void write_outputs(auto& storage, Symbol result) { storage.add_output(result, 0); }
template <class... Result>
constexpr void write_outputs(auto& storage, const std::tuple<Result...>& results) {
  ground::apply(
      [&](auto... result) {
        int position = 0;
        (storage.add_output(result, position++), ...);
      },
      results);
}

// Tied modules use the parameters of the first module of their chain.
constexpr void write_ties(Module* modules, const Graph& graph) {
  for (int t = 0; t < graph.tie_count; ++t) {
    if (graph.ties[t].is_of_scale) continue;
    const int first = graph.find_module(graph.ties[t].first), second = graph.find_module(graph.ties[t].second);
    if (first < 0 || second < 0) continue;
    const int from = modules[first].parameters_from, replaced = modules[second].parameters_from;
    for (int m = 0; m < graph.module_count; ++m)
      if (modules[m].parameters_from == replaced) modules[m].parameters_from = from;
  }
}

// Modules of one scale use that of the first of them. Until all ties are read, each module points to an earlier one.
constexpr void write_tied_scales(Module* modules, const Graph& graph) {
  const auto first_of = [&](int m) {
    while (scale_owner(graph, m) != m) m = scale_owner(graph, m);
    return m;
  };
  for (int t = 0; t < graph.tie_count; ++t) {
    if (!graph.ties[t].is_of_scale) continue;
    const NamedModules firsts(graph, graph.ties[t].first), seconds(graph, graph.ties[t].second);
    for (int m = firsts.begin; m < firsts.end; ++m) {
      const int partner = finds_scale(graph, m) ? scale_partner(graph, m, firsts, seconds) : -1;
      if (partner < 0 || partner == m || !finds_scale(graph, partner)) continue;
      const int a = first_of(m), b = first_of(partner);
      modules[a].tied_scale = modules[b].tied_scale = a < b ? a : b;
    }
  }
  for (int m = 0; m < graph.module_count; ++m)
    if (modules[m].tied_scale >= 0) modules[m].tied_scale = modules[modules[m].tied_scale].tied_scale;
}

template <class Net>
constexpr auto trace() {
  if constexpr (find_fault<Net>() != NetworkFault::None) {
    return GraphStorage<1, 0, 0, 1, 1, 0>{};
  } else {
    constexpr Recorder size = count_calls<Net>();
    constexpr int inputs = input_count<typename Net::Inputs>, outputs = output_count<ResultOf<Net>>;
    constexpr int modules = numbered<Net>.count, ties = numbered<Net>.tie_count;
    GraphStorage<size.node_count, size.operand_count, modules, inputs, outputs, ties> storage;
    for (int m = 0; m < modules; ++m) {
      storage.modules[m].op = numbered<Net>.op[m];
      storage.modules[m].name = numbered<Net>.name(m);
      storage.modules[m].parameters_from = m;
    }
    write_inputs(storage, typename Net::Inputs{});
    Recorder recorder{storage.nodes, storage.operands, storage.modules, inputs, 0};
    write_outputs(storage, ForwardOf<Net>::run(numbered<Net>.net, recorder));
    for (int t = 0; t < ties; ++t) storage.ties[t] = numbered<Net>.tie(t);
    write_ties(storage.modules, storage.view());
    write_tied_scales(storage.modules, storage.view());
    return storage;
  }
}

template <class Net>
inline constexpr auto traced = trace<Net>();

}  // namespace detail

/// The fault of a description, or `None`.
template <class Net>
inline constexpr NetworkFault fault = detail::find_fault<Net>();

/// How many calls `forward` makes. For the fault ForwardIsNotConstexpr, evaluating it makes the compiler say why.
template <class Net>
consteval int call_count() {
  return detail::count_calls<Net>().node_count - detail::input_count<typename Net::Inputs>;
}

/// The name of the block that cannot be read; empty for the network itself.
template <class Net>
inline constexpr TextView block_at_fault = [] {
  if constexpr (illegible<Net> == Illegible::NotAnAggregate || !detail::MadeByTheCompiler<Net>)
    return TextView();
  else
    return detail::module_sizes<Net>.illegible_block.view();
}();

/// True if the network or a block lists ties under a name that quench does not read, as `using Tie`.
template <class Net>
inline constexpr bool has_unread_ties = [] {
  if constexpr (fault<Net> == NetworkFault::None)
    return detail::module_sizes<Net>.has_ties_unread;
  else
    return false;
}();

/// The name of the first such block, or the type of the network.
template <class Net>
inline constexpr TextView struct_with_unread_ties = detail::module_sizes<Net>.ties_unread_in.size > 0
                                                        ? detail::module_sizes<Net>.ties_unread_in.view()
                                                        : type_name<Net>();

/// The graph of a network, traced by the compiler. It exists even if the network breaks rules: check them with
/// `verified<Net>`. Empty if the network has a `fault`.
template <class Net>
inline constexpr Graph graph = detail::traced<Net>.view();

}  // namespace quench
