// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0
console.error("this went wrong", 7);
nobody.knows();
