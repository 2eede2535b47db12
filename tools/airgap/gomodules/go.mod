// The Bazel modules that come through the Go module proxy, and the Go SDK, which
// is a module too. go.sum holds their checksums; MODULE.bazel their versions.
module lupa.invalid/airgap

go 1.19

require (
	github.com/bazelbuild/bazel-gazelle v0.47.0
	github.com/bazelbuild/rules_go v0.60.0
)
