/*
 * SPDX-FileCopyrightText: 2026 The Lupa Authors
 * SPDX-License-Identifier: Apache-2.0
 */

/* Prints what a build must not depend on, beside something from libm. */

#include <math.h>
#include <stdio.h>

int main(int argc, char **argv) {
  (void)argv;
  printf("%s %s %s %s %.3f\n", __FILE__, __DATE__, __TIME__, __TIMESTAMP__,
         sqrt(argc + 1));
  return 0;
}
