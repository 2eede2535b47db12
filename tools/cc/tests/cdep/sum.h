/*
 * SPDX-FileCopyrightText: 2026 The Lupa Authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef TOOLS_CC_TESTS_CDEP_SUM_H_
#define TOOLS_CC_TESTS_CDEP_SUM_H_

/* Returns the sum of count numbers. */
long sum(const long *numbers, int count);

#endif
