package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-analyze/charts"
)

// The size of a picture in pixels.
const (
	width  = 1200
	height = 640
)

// draw writes one picture for each chapter.
func draw(dir string, all []chapter) error {
	for _, c := range all {
		p := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputSVG, Width: width, Height: height})
		p.FilledRect(0, 0, width, height, charts.ColorWhite, charts.ColorWhite, 0)
		p.Text(c.title, 24, 32, 0, charts.FontStyle{FontSize: 17, FontColor: ink(40)})
		p.Text(c.about, 24, 54, 0, charts.FontStyle{FontSize: 11, FontColor: ink(100)})
		rest := p.Child(charts.PainterPaddingOption(charts.NewBox(0, 66, 0, 0)))
		var err error
		switch {
		case c.null:
			err = c.drawErrors(rest)
		case c.spill:
			err = c.drawEffects(rest)
		default:
			err = c.drawTimes(rest)
		}
		var data []byte
		if err == nil {
			data, err = p.Bytes()
		}
		if err != nil {
			return fmt.Errorf("draw %s: %w", c.title, err)
		}
		name := strings.ToLower(strings.ReplaceAll(c.title, " ", "-")) + ".svg"
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func ink(grey uint8) charts.Color { return charts.Color{R: grey, G: grey, B: grey, A: 255} }

func font(size float64) charts.FontStyle { return charts.FontStyle{FontSize: size, FontColor: ink(70)} }

// colors are told apart by most people's eyes, and in this order.
func colors() []charts.Color {
	var all []charts.Color
	for _, rgb := range []int{0x1f6fb4, 0xe07b1a, 0x2b9348, 0xc9302c, 0x7b52ab, 0x8c5a3c, 0x5a7d8c} {
		all = append(all, charts.Color{R: uint8(rgb >> 16), G: uint8(rgb >> 8 & 255), B: uint8(rgb & 255), A: 255}) //nolint:gosec // each is a byte
	}
	return all
}

func theme() charts.ColorPalette {
	return charts.GetTheme(charts.ThemeLight).WithSeriesColors(colors())
}

// drawErrors shows how often phases were decided in error, beside what is
// allowed.
func (c chapter) drawErrors(p *charts.Painter) error {
	var names []string
	values := [][]float64{nil, nil}
	for i := range slices.Backward(c.scenes) { // the first on top
		s := &c.scenes[i]
		names = append(names, strings.TrimSpace(s.name))
		values[0] = append(values[0], rounded(100*s.came.share(math.Inf(1))))
		values[1] = append(values[1], rounded(100*s.allowed()))
	}
	return rows(p, names, []string{"decided in error", "allowed"}, values, "% of phases")
}

// drawEffects shows what each way to draw sees of the effect.
func (c chapter) drawEffects(p *charts.Painter) error {
	var names []string
	values := [][]float64{nil, nil}
	for i := range slices.Backward(c.scenes) {
		s := &c.scenes[i]
		names = append(names, s.name)
		values[0] = append(values[0], rounded(100*s.came.effect))
		values[1] = append(values[1], rounded(100*s.came.share(math.Inf(1))))
	}
	return rows(p, names, []string{"effect seen, points", "promoted within 26 weeks, % of phases"}, values, "")
}

func rounded(x float64) float64 { return math.Round(10*x) / 10 }

// rows are bars that lie, with their numbers.
func rows(p *charts.Painter, names, series []string, values [][]float64, unit string) error {
	o := charts.NewBarChartOptionWithData(values)
	o.Theme, o.Horizontal = theme(), true
	o.Padding = charts.NewBox(16, 8, 40, 12)
	o.Legend = charts.LegendOption{SeriesNames: series, FontStyle: font(11)}
	o.CategoryAxis.Labels, o.CategoryAxis.LabelFontStyle = names, font(11)
	o.ValueAxis[0].Title, o.ValueAxis[0].TitleFontStyle, o.ValueAxis[0].LabelFontStyle = unit, font(11), font(10)
	for i := range o.SeriesList {
		o.SeriesList[i].Label.Show = charts.Ptr(true)
	}
	return p.BarChart(o)
}

// drawTimes shows what part of the phases was decided after so many days.
func (c chapter) drawTimes(p *charts.Painter) error {
	var labels, names []string
	values := make([][]float64, len(c.scenes))
	last := c.scenes[0].phase.Most.Hours() / 24
	for d := 0.0; d <= last; d++ {
		labels = append(labels, fmt.Sprintf("%.0f", d))
		for i := range c.scenes {
			values[i] = append(values[i], rounded(100*c.scenes[i].came.share(d)))
		}
	}
	for i := range c.scenes {
		names = append(names, c.scenes[i].name)
	}
	o := charts.NewLineChartOptionWithData(values)
	o.Theme = theme()
	o.Padding = charts.NewBox(16, 8, 20, 12)
	o.Legend = charts.LegendOption{SeriesNames: names, FontStyle: font(10), Symbol: charts.SymbolSquare}
	o.XAxis.Labels, o.XAxis.LabelCount, o.XAxis.BoundaryGap, o.XAxis.LabelFontStyle = labels, 14, charts.Ptr(false), font(10)
	o.XAxis.Title, o.XAxis.TitleFontStyle = "days since the phase began", font(11)
	o.YAxis[0].Title, o.YAxis[0].TitleFontStyle, o.YAxis[0].LabelFontStyle = "% of phases decided", font(11), font(10)
	o.YAxis[0].Min, o.YAxis[0].Max, o.YAxis[0].LabelCount = charts.Ptr(0.0), charts.Ptr(100.0), 11
	o.Symbol, o.LineStrokeWidth = charts.Symbol{Shape: charts.SymbolNone}, 1.8
	return p.LineChart(o)
}
