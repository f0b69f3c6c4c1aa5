package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-analyze/charts"
)

// The size of the picture in pixels.
const (
	width  = 1100
	height = 560
)

// draw draws precision and recall of suggestions by threshold.
func draw(dir string, all []rate, least int) error {
	c := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputPNG, Width: width, Height: height})
	c.FilledRect(0, 0, width, height, charts.ColorWhite, charts.ColorWhite, 0)
	var precision, recall, judged []float64
	var labels []string
	for _, r := range all {
		labels = append(labels, fmt.Sprint(r.least))
		precision, recall, judged = append(precision, 100*r.precision()), append(recall, 100*r.recall()), append(judged, 100*r.judged())
	}
	o := charts.NewLineChartOptionWithData([][]float64{precision, recall, judged})
	o.Theme = charts.GetTheme(charts.ThemeLight).WithSeriesColors([]charts.Color{
		{R: 31, G: 111, B: 180, A: 255}, {R: 224, G: 123, B: 26, A: 255}, {R: 43, G: 147, B: 72, A: 255},
	})
	o.Padding = charts.NewBox(20, 16, 24, 16)
	o.Title = charts.TitleOption{
		Text:      fmt.Sprintf("Suggested duplicates by the least score that is suggested (the default policy: %d)", least),
		FontStyle: charts.FontStyle{FontSize: 13}, Offset: charts.OffsetStr{Left: "center"},
	}
	o.Legend = charts.LegendOption{
		SeriesNames: []string{"precision", "recall of all", "recall of those filed under one key"}, Offset: charts.OffsetStr{Top: "26"}, Symbol: charts.SymbolSquare,
	}
	o.XAxis.Labels, o.XAxis.BoundaryGap = labels, charts.Ptr(false)
	o.YAxis[0].Title, o.YAxis[0].Min, o.YAxis[0].Max = "%", charts.Ptr(0.0), charts.Ptr(100.0)
	o.Symbol, o.LineStrokeWidth = charts.Symbol{Shape: charts.SymbolNone}, 2
	if err := c.LineChart(o); err != nil {
		return fmt.Errorf("draw suggestions: %w", err)
	}
	data, err := c.Bytes()
	if err != nil {
		return fmt.Errorf("draw suggestions: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, "suggestions.png"), data, 0o600)
}
