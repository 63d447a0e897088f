// SPDX-License-Identifier: Apache-2.0
// One struct has at most 128 members; more of them are grouped in blocks.
// With WRONG defined this must not compile; expect: quench[network-not-readable] ToyNet tower MoreThan128Members
// Without, it must compile, run and return 0.
#include <quench/network.hpp>
namespace q = quench;

struct Eight {
  q::ReLU a, b, c, d, e, f, g, h;
  constexpr auto forward(auto x) const { return h(g(f(e(d(c(b(a(x)))))))); }
};

struct Tower {
#ifdef WRONG
  q::ReLU a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7, c0, c1, c2, c3, c4, c5, c6, c7;
  q::ReLU d0, d1, d2, d3, d4, d5, d6, d7, e0, e1, e2, e3, e4, e5, e6, e7, f0, f1, f2, f3, f4, f5, f6, f7;
  q::ReLU g0, g1, g2, g3, g4, g5, g6, g7, h0, h1, h2, h3, h4, h5, h6, h7, i0, i1, i2, i3, i4, i5, i6, i7;
  q::ReLU j0, j1, j2, j3, j4, j5, j6, j7, k0, k1, k2, k3, k4, k5, k6, k7, l0, l1, l2, l3, l4, l5, l6, l7;
  q::ReLU m0, m1, m2, m3, m4, m5, m6, m7, n0, n1, n2, n3, n4, n5, n6, n7, o0, o1, o2, o3, o4, o5, o6, o7;
  q::ReLU p0, p1, p2, p3, p4, p5, p6, p7, last;
  constexpr auto forward(auto x) const { return last(a0(x)); }
#else
  Eight a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, last;
  constexpr auto forward(auto x) const {
    x = f.forward(e.forward(d.forward(c.forward(b.forward(a.forward(x))))));
    x = l.forward(k.forward(j.forward(i.forward(h.forward(g.forward(x))))));
    return last.forward(p.forward(o.forward(n.forward(m.forward(x)))));
  }
#endif
};

struct ToyNet {
  using Inputs = q::Inputs<q::Features<8, 8, 4>>;
  q::QuantStub quant;
  Tower tower;
  q::DeQuantStub dequant;
  constexpr auto forward(auto x) const { return dequant(tower.forward(quant(x))); }
};
int main() { return q::verified<ToyNet>() ? 0 : 1; }
