// SPDX-License-Identifier: Apache-2.0
// The main function around the networks exported as C, on the host and on bare metal. check_c.py writes run_networks.
#include "device/platform.hpp"

extern "C" {
void write_character(char c) { put(c); }
void run_networks(void);
}

int main() {
  run_networks();
  if (stack_used() > 0) print("stack ", stack_used());
  return 0;
}
