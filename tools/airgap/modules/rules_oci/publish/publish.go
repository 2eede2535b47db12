// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package publish pushes layouts to registries.
package publish

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Request says what goes where.
type Request struct {
	// Dir is the layout of one image or of one image index.
	Dir string
	// Repository has neither tag nor digest.
	Repository string
	// Tags are given to the image after it is there.
	Tags []string
	// Insecure allows plain HTTP and any certificate.
	Insecure bool
	// Nondistributable also pushes layers that licences ask to leave out.
	Nondistributable bool
	// Keychain knows the passwords; nil asks the files of docker and podman.
	Keychain authn.Keychain
}

// Push pushes by digest first and sets the tags after that, one by one, so that
// no tag ever names half an image; pushing again is safe. It prints each
// reference that it made on out.
func Push(ctx context.Context, r Request, out io.Writer) error {
	repository, tags, err := r.names()
	if err != nil {
		return err
	}
	content, err := open(r.Dir)
	if err != nil {
		return err
	}
	options := r.options(ctx)
	target := repository.Digest(content.layout.Digest())
	if err := content.write(target, options); err != nil {
		return fmt.Errorf("push %s: %w", target, err)
	}
	fmt.Fprintln(out, target)
	for _, tag := range tags {
		if err := remote.Tag(tag, content, options...); err != nil {
			return fmt.Errorf("push %s: set the tag %s: %w", target, tag.TagStr(), err)
		}
		fmt.Fprintln(out, tag)
	}
	return nil
}

// names checks repository and tags before anything is sent.
func (r Request) names() (name.Repository, []name.Tag, error) {
	var options []name.Option
	if r.Insecure {
		options = append(options, name.Insecure)
	}
	repository, err := name.NewRepository(r.Repository, options...)
	if err != nil {
		return name.Repository{}, nil, fmt.Errorf("the repository %q is none; write it as registry/path, without tag and digest: %w", r.Repository, err)
	}
	var tags []name.Tag
	for _, text := range r.Tags {
		tag, err := name.NewTag(repository.Name()+":"+text, options...)
		if err != nil {
			return name.Repository{}, nil, fmt.Errorf("the tag %q is none; write the tag alone, such as latest: %w", text, err)
		}
		tags = append(tags, tag)
	}
	return repository, tags, nil
}

func (r Request) options(ctx context.Context) []remote.Option {
	keychain := r.Keychain
	if keychain == nil {
		keychain = authn.DefaultKeychain
	}
	options := []remote.Option{remote.WithContext(ctx), remote.WithAuthFromKeychain(keychain)}
	if r.Nondistributable {
		options = append(options, remote.WithNondistributable)
	}
	if r.Insecure {
		transport := remote.DefaultTransport.(*http.Transport).Clone()
		// This is what the user asked for by --insecure.
		transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} //nolint:gosec
		options = append(options, remote.WithTransport(transport))
	}
	return options
}
