package imports_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/imports"
	"github.com/handoff-oss/handoff/shared/signal"
)

// BenchmarkRun measures what an import does by itself, without storing anything:
// rows in, signals out. make import-bench measures it with a table.
func BenchmarkRun(b *testing.B) {
	var text strings.Builder
	text.WriteString("Email,First Name,Company,Phone\n")
	const rows = 10_000
	for i := range rows {
		fmt.Fprintf(&text, "person%d@company%d.example,First%d,\"Company %d, Inc.\",+49 30 %07d\n", i, i, i, i, i)
	}
	file := text.String()
	p := planOf(b, file)
	runner := &imports.Runner{
		Put:  func(context.Context, []signal.Signal) error { return nil },
		Save: func(context.Context, imports.State, int64) error { return nil },
	}
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		s := imports.Start(p, behind(b, file, p).Place(), "", monday)
		if s, err := runner.Run(b.Context(), s, behind(b, file, p), true); err != nil || s.Stored != rows {
			b.Fatal(s.Stored, err)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
