// Package coldstart measures how long a function takes from the start of its
// process to its first question to the Lambda Runtime API, beside a function
// that does nothing, in the same run.
package coldstart

import (
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/cfn"
)

// runtimeAPI answers no invocation: it says when it was first asked for one.
type runtimeAPI struct {
	*httptest.Server
	asked chan struct{}
}

func newRuntimeAPI(b *testing.B) runtimeAPI {
	b.Helper()
	api := runtimeAPI{asked: make(chan struct{}, 1)}
	release := make(chan struct{})
	api.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/next") {
			api.asked <- struct{}{}
		}
		select {
		case <-r.Context().Done():
		case <-release:
		}
	}))
	b.Cleanup(func() {
		close(release)
		api.Close()
	})
	return api
}

func build(b *testing.B, folder string) string {
	b.Helper()
	root, err := cfn.Root(".")
	if err != nil {
		b.Fatal(err)
	}
	binary := filepath.Join(b.TempDir(), filepath.Base(folder))
	cmd := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", binary, folder)
	cmd.Dir = root
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return binary
}

func (api runtimeAPI) start(b *testing.B, binary string) time.Duration {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), binary)
	cmd.Env = []string{
		"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(api.URL, "http://"), "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x",
		"TABLE=t", "PARK_QUEUE_URL=http://127.0.0.1:9/q", "SOURCES_SECRET=s", "RETRY_QUEUE_URL=http://127.0.0.1:9/q", "RETRY_DEAD_LETTERS_URL=http://127.0.0.1:9/q", "AWS_ENDPOINT_URL=http://127.0.0.1:9",
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	<-api.asked
	took := time.Since(began)
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // killed: its status says nothing
	return took
}

// BenchmarkStart alternates between the empty function and ours and reports
// the medians and their ratio. The bound for forms is 2.5.
func BenchmarkStart(b *testing.B) {
	api := newRuntimeAPI(b)
	empty := build(b, "./infra/coldstart/empty")
	for _, name := range []string{"forms", "decide"} {
		b.Run(name, func(b *testing.B) {
			ours := build(b, "./functions/"+name)
			var none, some []time.Duration
			api.start(b, empty) // the first start of each reads it from disk
			api.start(b, ours)
			for b.Loop() {
				none = append(none, api.start(b, empty))
				some = append(some, api.start(b, ours))
			}
			b.ReportMetric(median(none).Seconds()*1000, "empty-ms")
			b.ReportMetric(median(some).Seconds()*1000, name+"-ms")
			ratio := float64(median(some)) / float64(median(none))
			b.ReportMetric(ratio, "ratio")
			b.ReportMetric(0, "ns/op")
			if name == "forms" && len(some) >= 20 && ratio > 2.5 {
				b.Errorf("forms takes %.2f times as long to start as an empty function, more than 2.5", ratio)
			}
		})
	}
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
