// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package kubernetes tests the manifests beside it: against Kubernetes' own types,
// against the restricted pod security standard, and against each other.
package kubernetes

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

// kinds are what manifests may be.
var kinds = map[string]func() any{
	"apps/v1 Deployment":            func() any { return new(appsv1.Deployment) },
	"apps/v1 StatefulSet":           func() any { return new(appsv1.StatefulSet) },
	"batch/v1 Job":                  func() any { return new(batchv1.Job) },
	"policy/v1 PodDisruptionBudget": func() any { return new(policyv1.PodDisruptionBudget) },
	"v1 ConfigMap":                  func() any { return new(corev1.ConfigMap) },
	"v1 Namespace":                  func() any { return new(corev1.Namespace) },
	"v1 Secret":                     func() any { return new(corev1.Secret) },
	"v1 Service":                    func() any { return new(corev1.Service) },
	"kustomize.config.k8s.io/v1beta1 Kustomization": func() any { return new(kustomization) },
}

type kustomization struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Resources  []string `json:"resources"`
}

// decode reads a manifest; a key that its kind does not have is an error.
func decode(text []byte) (any, error) {
	var head struct{ APIVersion, Kind string }
	if err := yaml.Unmarshal(text, &head); err != nil {
		return nil, err
	}
	make, ok := kinds[head.APIVersion+" "+head.Kind]
	if !ok {
		return nil, fmt.Errorf("no manifest is a %s %s", head.APIVersion, head.Kind)
	}
	object := make()
	return object, yaml.UnmarshalStrict(text, object)
}

// read decodes a file.
func read[T any](t *testing.T, file string) T {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	object, err := decode(text)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	typed, ok := object.(T)
	if !ok {
		t.Fatalf("%s: is a %T", file, object)
	}
	return typed
}

func TestDecode(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"a key of no kind", "apiVersion: v1\nkind: Service\nspec: {prots: []}", `unknown field "prots"`},
		{"a value of another type", "apiVersion: v1\nkind: Service\nspec: {ports: 80}", "cannot unmarshal"},
		{"a key twice", "apiVersion: v1\nkind: Service\nkind: Service", "already set"},
		{"a kind of no version", "apiVersion: v1\nkind: Deployment", "no manifest is a v1 Deployment"},
	} {
		if _, err := decode([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
}

// TestFiles sees that every file is a manifest, and applied by one command.
func TestFiles(t *testing.T) {
	files, err := filepath.Glob("*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		read[any](t, file)
	}
	got := append([]string{"kustomization.yaml"}, read[*kustomization](t, "kustomization.yaml").Resources...)
	slices.Sort(got)
	if diff := cmp.Diff(files, got); diff != "" {
		t.Errorf("resources of the kustomization (-want +got):\n%s", diff)
	}
}

// A workload is what runs pods.
type workload struct {
	name     string
	selector map[string]string // nil where nobody looks for its pods
	pod      corev1.PodTemplateSpec
	claims   []corev1.PersistentVolumeClaim
}

// workloads are the two ways to run Lupa, the first with the debug patch, and the
// job before them.
func workloads(t *testing.T) []workload {
	t.Helper()
	stateless := read[*appsv1.Deployment](t, "deployment.yaml")
	stateful := read[*appsv1.StatefulSet](t, "persistent/statefulset.yaml")
	patched := patch(t, stateless, "debug/patch.yaml")
	job := read[*batchv1.Job](t, "changefeed/job.yaml")
	return []workload{
		{"Deployment", stateless.Spec.Selector.MatchLabels, stateless.Spec.Template, nil},
		{"StatefulSet", stateful.Spec.Selector.MatchLabels, stateful.Spec.Template, stateful.Spec.VolumeClaimTemplates},
		{"Deployment with debug", patched.Spec.Selector.MatchLabels, patched.Spec.Template, nil},
		{"Job", nil, job.Spec.Template, nil},
	}
}

// patch adds what a patch has to a deployment. Containers are merged by their
// names, and those of the patch are new.
func patch(t *testing.T, d *appsv1.Deployment, file string) *appsv1.Deployment {
	t.Helper()
	patched, change := d.DeepCopy(), read[*appsv1.Deployment](t, file)
	if change.Name != d.Name || change.Namespace != d.Namespace || len(change.Spec.Template.Spec.Containers) != 1 {
		t.Errorf("%s: adds no container to the deployment %s", file, d.Name)
	}
	patched.Spec.Template.Spec.Containers = append(patched.Spec.Template.Spec.Containers, change.Spec.Template.Spec.Containers...)
	patched.Spec.Template.Spec.ShareProcessNamespace = change.Spec.Template.Spec.ShareProcessNamespace
	return patched
}

// restricted is what the pod security standard of that name has against a pod.
func restricted(t *testing.T, pod corev1.PodTemplateSpec) string {
	t.Helper()
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	result := policy.AggregateCheckResults(evaluator.EvaluatePod(level, &pod.ObjectMeta, &pod.Spec))
	return result.ForbiddenDetail()
}

func TestPodSecurity(t *testing.T) {
	for _, w := range workloads(t) {
		if got := restricted(t, w.pod); got != "" {
			t.Errorf("%s: %s", w.name, got)
		}
		for _, c := range w.pod.Spec.Containers {
			if s := c.SecurityContext; s == nil || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem {
				t.Errorf("%s: the root of %s can be written to", w.name, c.Name)
			}
			if c.Resources.Requests.Cpu().IsZero() || c.Resources.Requests.Memory().IsZero() || c.Resources.Limits.Memory().IsZero() {
				t.Errorf("%s: %s has no bounds", w.name, c.Name)
			}
		}
		pod := *w.pod.DeepCopy()
		pod.Spec.Containers[0].SecurityContext.Capabilities = nil
		if restricted(t, pod) == "" {
			t.Errorf("%s: capabilities do not matter", w.name)
		}
	}
	labels := read[*corev1.Namespace](t, "namespace.yaml").Labels
	if labels[api.EnforceLevelLabel] != string(api.LevelRestricted) {
		t.Errorf("labels of the namespace are %v", labels)
	}
}

// TestReferences follows every name from one manifest to another.
func TestReferences(t *testing.T) {
	settings := read[*corev1.ConfigMap](t, "configmap.yaml")
	secret := read[*corev1.Secret](t, "secret.yaml")
	service := read[*corev1.Service](t, "service.yaml")
	budget := read[*policyv1.PodDisruptionBudget](t, "disruption.yaml")
	namespace := read[*corev1.Namespace](t, "namespace.yaml").Name
	for _, got := range []string{settings.Namespace, secret.Namespace, service.Namespace, budget.Namespace} {
		if got != namespace {
			t.Errorf("a manifest is of namespace %q, want %s", got, namespace)
		}
	}
	for _, w := range workloads(t) {
		lupa := w.pod.Spec.Containers[slices.IndexFunc(w.pod.Spec.Containers, func(c corev1.Container) bool { return c.Name == "lupa" })]
		if lupa.EnvFrom[0].SecretRef.Name != secret.Name {
			t.Errorf("%s: there is no secret %q", w.name, lupa.EnvFrom[0].SecretRef.Name)
		}
		checkVolumes(t, w, settings)
		if w.selector == nil {
			if selects(service.Spec.Selector, w.pod.Labels) {
				t.Errorf("%s: the service sends searches to its pod", w.name)
			}
			continue
		}
		for name, selector := range map[string]map[string]string{
			"its own selector": w.selector, "the service": service.Spec.Selector, "the budget": budget.Spec.Selector.MatchLabels,
		} {
			if !selects(selector, w.pod.Labels) {
				t.Errorf("%s: %s does not select its pods", w.name, name)
			}
		}
		for name, port := range map[string]intstr.IntOrString{
			"the service": service.Spec.Ports[0].TargetPort, "readiness": lupa.ReadinessProbe.HTTPGet.Port, "liveness": lupa.LivenessProbe.HTTPGet.Port,
		} {
			if !slices.ContainsFunc(lupa.Ports, func(p corev1.ContainerPort) bool { return p.Name == port.StrVal }) {
				t.Errorf("%s: there is no port %q, which %s names", w.name, port.StrVal, name)
			}
		}
	}
}

func selects(selector, labels map[string]string) bool {
	for name, value := range selector {
		if labels[name] != value {
			return false
		}
	}
	return len(selector) > 0
}

// checkVolumes sees that what containers mount is there.
func checkVolumes(t *testing.T, w workload, settings *corev1.ConfigMap) {
	t.Helper()
	there := make(map[string]bool)
	for _, volume := range w.pod.Spec.Volumes {
		there[volume.Name] = true
		if volume.ConfigMap != nil && volume.ConfigMap.Name != settings.Name {
			t.Errorf("%s: there is no config map %q", w.name, volume.ConfigMap.Name)
		}
	}
	for _, claim := range w.claims {
		there[claim.Name] = true
	}
	for _, container := range w.pod.Spec.Containers {
		for _, mount := range container.VolumeMounts {
			if !there[mount.Name] {
				t.Errorf("%s: %s mounts %q, which is no volume", w.name, container.Name, mount.Name)
			}
			if _, ok := settings.Data[mount.SubPath]; mount.SubPath != "" && !ok {
				t.Errorf("%s: the config map has no %s", w.name, mount.SubPath)
			}
		}
	}
}
