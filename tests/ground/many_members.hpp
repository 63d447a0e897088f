// SPDX-License-Identifier: Apache-2.0
// Structs of 127, 128, 129 and 300 members, for the limits of reflection.
#pragma once

// clang-format off
#define MEMBERS_8(x) int x##0 = 1, x##1 = 1, x##2 = 1, x##3 = 1, x##4 = 1, x##5 = 1, x##6 = 1, x##7 = 1;
#define MEMBERS_64(x) \
  MEMBERS_8(x##0) MEMBERS_8(x##1) MEMBERS_8(x##2) MEMBERS_8(x##3) MEMBERS_8(x##4) MEMBERS_8(x##5) MEMBERS_8(x##6) \
  MEMBERS_8(x##7)

// clang-format off
struct Members127 {
  MEMBERS_64(a) MEMBERS_8(b) MEMBERS_8(c) MEMBERS_8(d) MEMBERS_8(e) MEMBERS_8(f) MEMBERS_8(g) MEMBERS_8(h)
  int i0 = 1, i1 = 1, i2 = 1, i3 = 1, i4 = 1, i5 = 1, last = 1;
};
struct Members128 {
  MEMBERS_64(a) MEMBERS_64(b)
};
struct Members129 {
  MEMBERS_64(a) MEMBERS_64(b)
  int last = 1;
};
struct Members300 {
  MEMBERS_64(a) MEMBERS_64(b) MEMBERS_64(c) MEMBERS_64(d)
  MEMBERS_8(e) MEMBERS_8(f) MEMBERS_8(g) MEMBERS_8(h)
  MEMBERS_8(i) int j0 = 1, j1 = 1, j2 = 1, last = 1;
};
// clang-format on

#undef MEMBERS_64
#undef MEMBERS_8
