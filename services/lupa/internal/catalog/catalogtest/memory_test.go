// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package catalogtest_test

import (
	"testing"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog/catalogtest"
)

func TestMemory(t *testing.T) {
	catalogtest.TestStore(t, func(*testing.T) catalog.Store {
		return catalogtest.NewMemory(catalogtest.Collections)
	})
}
