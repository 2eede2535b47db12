// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/jsontree"
)

// object makes an object of keys and values in turn.
func object(pairs ...any) *jsontree.Object {
	o := &jsontree.Object{}
	for i := 0; i < len(pairs); i += 2 {
		o.Set(pairs[i].(string), pairs[i+1])
	}
	return o
}

// appendTo appends to the array under key, which may be missing.
func appendTo(o *jsontree.Object, key string, value any) {
	array, _ := o.Get(key).([]any)
	o.Set(key, append(array, value))
}

// layerType names a layer in the vocabulary of its image's manifest.
func layerType(manifestType, compression string) string {
	name, separator := "application/vnd.oci.image.layer.v1.tar", "+"
	if strings.HasPrefix(manifestType, "application/vnd.docker.") {
		name, separator = "application/vnd.docker.image.rootfs.diff.tar", "."
	}
	if compression == "" {
		return name
	}
	return name + separator + compression
}

func exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
