/*
 * SPDX-FileCopyrightText: 2026 The Lupa Authors
 * SPDX-License-Identifier: Apache-2.0
 */

#include "sum.h"

long sum(const long *numbers, int count) {
  long total = 0;
  for (int i = 0; i < count; i++) {
    total += numbers[i];
  }
  return total;
}
