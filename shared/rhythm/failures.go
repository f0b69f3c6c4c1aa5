package rhythm

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

const (
	leastFailures = 5
	leastShare    = 0.25
	// calm is the share of failures below which a source works again.
	calm = 0.1
	// mostChanceFailing bounds how often a source that fails as usual is called failing.
	mostChanceFailing = 1e-6
	// Before anything is known, one in twenty fails.
	priorFailed, priorAll = 1, 20
)

// lately counts the deliveries of this hour and the one before.
type lately struct {
	from          time.Time
	events, all   int
	failed        int
	failedByCause map[string]int
}

func (j *judge) lately() lately {
	first := hourOf(j.now) - 1
	l := lately{from: first.time(), failedByCause: map[string]int{}}
	for _, h := range j.history.Hours {
		if at := hourOf(h.Start); at < first || at > hourOf(j.now) {
			continue
		}
		l.events += h.Events
		for cause, n := range h.Failed {
			l.failed += n
			l.failedByCause[cause] += n
		}
	}
	l.all = l.events + l.failed
	return l
}

func (j *judge) failures() {
	l := j.lately()
	share := 0.0
	if l.all > 0 {
		share = float64(l.failed) / float64(l.all)
	}
	if a, open := j.find(Failing); open {
		if l.events > 0 && share < calm {
			j.end(a, fmt.Sprintf("Events are accepted again: %s.", outOf(l.failed, l.all)))
		}
		return
	}
	usual := j.failureShare(l.from)
	if l.failed < leastFailures || share < leastShare || tail(usual*float64(l.all), l.failed) > mostChanceFailing {
		return
	}
	j.begin(Alert{Kind: Failing, Since: l.from},
		fmt.Sprintf("In the last hour %s, usually %s: %s.", outOf(l.failed, l.all), percent(usual), causes(l.failedByCause)))
}

// failureShare is the usual share of deliveries that fail.
func (j *judge) failureShare(end time.Time) float64 {
	failed, all := float64(priorFailed), float64(priorAll)
	for _, h := range j.history.Hours {
		if !h.Start.Before(end) || end.Sub(h.Start) > learned {
			continue
		}
		if _, ok := j.model.usual(hourOf(h.Start), Failing); !ok {
			continue
		}
		n := sum(h.Failed)
		failed += float64(n)
		all += float64(n + h.Events)
	}
	return failed / all
}

func sum(byCause map[string]int) int {
	n := 0
	for _, x := range byCause {
		n += x
	}
	return n
}

// tail is the chance that a Poisson count with that mean is n or more.
func tail(mean float64, n int) float64 {
	term, below := math.Exp(-mean), 0.0
	for k := range n {
		below += term
		term *= mean / float64(k+1)
	}
	if below < 0.999 {
		return 1 - below
	}
	// What is left is too small to be found by subtraction: sum it up.
	rest := 0.0
	for k := n; term > 0 && k < n+1000; k++ {
		rest += term
		term *= mean / float64(k+1)
	}
	return rest
}

// causes lists causes, the most frequent first.
func causes(byCause map[string]int) string {
	names := slices.SortedFunc(maps.Keys(byCause), func(a, b string) int {
		return cmp.Or(cmp.Compare(byCause[b], byCause[a]), cmp.Compare(a, b))
	})
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = fmt.Sprintf("%d %s", byCause[name], strings.ReplaceAll(name, "_", " "))
	}
	return strings.Join(words, ", ")
}
