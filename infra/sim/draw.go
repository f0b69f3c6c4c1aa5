package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-analyze/charts"
)

// The size of a picture in pixels.
const (
	width  = 1200
	height = 700
)

// picture is one file of charts.
type picture struct {
	name string
	draw func(*charts.Painter) error
}

// draw writes the pictures, and one with all of them.
func draw(dir string, p *play, rivals []rival) error {
	all := []picture{
		{"fairness", func(c *charts.Painter) error { return drawFairness(c, p) }},
		{"plain", func(c *charts.Painter) error { return drawRivals(c, p, rivals) }},
		{"lateness", func(c *charts.Painter) error { return drawLateness(c, p) }},
		{"held", func(c *charts.Painter) error { return drawHeld(c, p) }},
	}
	for _, pic := range all {
		if err := write(dir, pic.name, width, height, pic.draw); err != nil {
			return err
		}
	}
	return write(dir, "overview", 2*width, 2*height, func(c *charts.Painter) error {
		for i, pic := range all {
			left, top := i%2*width, i/2*height
			if err := pic.draw(c.Child(charts.PainterBoxOption(charts.NewBox(left, top, left+width, top+height)))); err != nil {
				return err
			}
		}
		return nil
	})
}

func write(dir, name string, w, h int, draw func(*charts.Painter) error) error {
	c := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputPNG, Width: w, Height: h})
	c.FilledRect(0, 0, w, h, charts.ColorWhite, charts.ColorWhite, 0)
	if err := draw(c); err != nil {
		return fmt.Errorf("draw %s: %w", name, err)
	}
	data, err := c.Bytes()
	if err != nil {
		return fmt.Errorf("draw %s: %w", name, err)
	}
	return os.WriteFile(filepath.Join(dir, name+".png"), data, 0o600)
}

// headline writes what the picture is about above it, and returns what is left.
func headline(c *charts.Painter, title, text string) *charts.Painter {
	const below = 66
	ink := charts.Color{R: 40, G: 40, B: 40, A: 255}
	c.Text(title, 24, 32, 0, charts.FontStyle{FontSize: 17, FontColor: ink})
	c.Text(text, 24, 54, 0, charts.FontStyle{FontSize: 11, FontColor: charts.Color{R: 100, G: 100, B: 100, A: 255}})
	return part(c, 0, below, c.Width(), c.Height())
}

// part returns a part of a canvas, by its corners within it.
func part(c *charts.Painter, left, top, right, bottom int) *charts.Painter {
	return c.Child(charts.PainterPaddingOption(charts.NewBox(left, top, c.Width()-right, c.Height()-bottom)))
}

// colors are told apart by most people's eyes, and in this order.
func colors() []charts.Color {
	var all []charts.Color
	for _, rgb := range []int{0x1f6fb4, 0xe07b1a, 0x2b9348, 0xc9302c, 0x7b52ab, 0x8c5a3c, 0xd268b0, 0x5a7d8c, 0xa8a51f} {
		all = append(all, charts.Color{R: uint8(rgb >> 16), G: uint8(rgb >> 8 & 255), B: uint8(rgb & 255), A: 255}) //nolint:gosec // each is a byte
	}
	return all
}

func grey() charts.Color { return charts.Color{R: 150, G: 150, B: 150, A: 255} }

// theme is black on white with those colors for the series.
func theme(series ...charts.Color) charts.ColorPalette {
	return charts.GetTheme(charts.ThemeLight).WithSeriesColors(series)
}

func font(size float64) charts.FontStyle {
	return charts.FontStyle{FontSize: size, FontColor: charts.Color{R: 70, G: 70, B: 70, A: 255}}
}

// lines are curves over the hours of the game.
type lines struct {
	title, unit string
	names       []string
	values      [][]float64
	colors      []charts.Color
	labels      []string // of the x axis, one for each value
	ticks       int      // of the x axis
	rows        int      // numbers on the y axis; 0 lets the library choose
	min, max    *float64 // of the y axis
	area        bool
}

func (l lines) draw(c *charts.Painter) error {
	o := charts.NewLineChartOptionWithData(l.values)
	o.Theme = theme(l.colors...)
	o.Padding = charts.NewBox(16, 8, 20, 12)
	o.Title = charts.TitleOption{Text: l.title, FontStyle: font(12), Offset: charts.OffsetStr{Left: "center"}}
	o.Legend = charts.LegendOption{SeriesNames: l.names, FontStyle: font(10), Offset: charts.OffsetStr{Top: "22"}, Symbol: charts.SymbolSquare}
	o.XAxis.Labels, o.XAxis.LabelCount, o.XAxis.BoundaryGap = l.labels, l.ticks, charts.Ptr(false)
	o.XAxis.LabelFontStyle = font(10)
	o.YAxis[0].Title, o.YAxis[0].TitleFontStyle, o.YAxis[0].LabelFontStyle = l.unit, font(11), font(10)
	o.YAxis[0].Min, o.YAxis[0].Max, o.YAxis[0].LabelCount = l.min, l.max, l.rows
	o.Symbol, o.LineStrokeWidth = charts.Symbol{Shape: charts.SymbolNone}, 1.6
	if l.area {
		o.StackSeries, o.FillOpacity = charts.Ptr(true), 120
	}
	return c.LineChart(o)
}

// bars are columns, one on the other.
type bars struct {
	title, unit, below string
	names              []string
	values             [][]float64
	colors             []charts.Color
	labels             []string
	ticks              int
}

func (b bars) draw(c *charts.Painter) error {
	o := charts.NewBarChartOptionWithData(b.values)
	o.Theme = theme(b.colors...)
	o.Padding = charts.NewBox(16, 8, 20, 12)
	o.StackSeries = charts.Ptr(true)
	o.Title = charts.TitleOption{Text: b.title, FontStyle: font(12), Offset: charts.OffsetStr{Left: "center"}}
	o.Legend = charts.LegendOption{SeriesNames: b.names, FontStyle: font(10), Offset: charts.OffsetStr{Top: "22"}}
	o.CategoryAxis.Labels, o.CategoryAxis.LabelFontStyle = b.labels, font(10)
	o.CategoryAxis.Title, o.CategoryAxis.TitleFontStyle = b.below, font(11)
	if o.CategoryAxis.LabelCount = b.ticks; b.ticks == 0 {
		o.CategoryAxis.LabelCount = len(b.labels)
		o.CategoryAxis.LabelFontStyle = font(8)
	}
	o.ValueAxis[0].Title, o.ValueAxis[0].TitleFontStyle, o.ValueAxis[0].LabelFontStyle = b.unit, font(11), font(10)
	return c.BarChart(o)
}
