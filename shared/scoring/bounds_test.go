package scoring_test

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

// stored is how many bytes the facts take in an item, deflated as leads are.
func stored(t *testing.T, f scoring.Facts) int {
	t.Helper()
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var short bytes.Buffer
	w, err := flate.NewWriter(&short, flate.DefaultCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return short.Len()
}

// An item takes 400 KB. A lead whose facts outgrow it could never be written
// again, and its deadlines would never be judged.
func TestFactsStaySmallWhateverComesIn(t *testing.T) {
	c := compiled(t)
	tests := map[string]func(i int) signal.Signal{
		"a crawler reads a page at a time": func(i int) signal.Signal {
			return event(fmt.Sprint(i), time.Duration(i%(170*24))*time.Hour, func(s *signal.Signal) {
				s.Type, s.Attributes[signal.AttrURL] = signal.PageViewed, fmt.Sprintf("https://x.example/docs/%d", i)
			})
		},
		"a scanner clicks without end": func(i int) signal.Signal {
			return mail(fmt.Sprint(i), signal.EmailClicked, time.Duration(i)*time.Second, fmt.Sprint(i%97), fmt.Sprint(i))
		},
		"a form with ever new fields": func(i int) signal.Signal {
			return event(fmt.Sprint(i), time.Hour, func(s *signal.Signal) {
				s.Lead = map[string]string{fmt.Sprintf("field_%d", i): fmt.Sprintf("%x", i*i*i), "company": "Engines"}
			})
		},
	}
	for name, make := range tests {
		t.Run(name, func(t *testing.T) {
			f := scoring.New(c)
			start := time.Now()
			for i := range 30_000 {
				if err := f.Fold(c, make(i)); err != nil {
					t.Fatal(err)
				}
			}
			f.Settle(c, now)
			if _, err := scoring.Evaluate(c, f, now); err != nil {
				t.Fatal(err)
			}
			if size := stored(t, f); size > 100<<10 {
				t.Errorf("the facts take %d KB", size>>10)
			}
			t.Logf("%d KB, %s", stored(t, f)>>10, time.Since(start))
		})
	}
}

// What is left out does not depend on the order of arrival, nor on whether the
// facts were kept up or made anew.
func TestWhatIsLeftOutDoesNotDependOnTheOrder(t *testing.T) {
	c := compiled(t)
	var signals []signal.Signal
	for i := range 700 {
		signals = append(signals,
			mail(fmt.Sprint("m", i), signal.EmailClicked, time.Duration(i)*time.Minute, fmt.Sprint(i%7), fmt.Sprint(i)),
			event(fmt.Sprint("p", i), time.Duration(i%9)*24*time.Hour, func(s *signal.Signal) {
				s.Type, s.Attributes[signal.AttrURL] = signal.PageViewed, fmt.Sprintf("https://x.example/docs/%d", i%650)
				s.Lead = map[string]string{fmt.Sprintf("field_%03d", i%130): fmt.Sprint(i), "company": fmt.Sprint(i), "website": "x.example"}
			}))
	}
	want, err := scoring.Of(c, signals, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(want.Profile) != 100 || want.Profile["company"].Value == "" || want.Profile["website"].Value == "" {
		t.Errorf("%d fields, company %+v", len(want.Profile), want.Profile["company"])
	}
	order := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		order.Shuffle(len(signals), func(i, j int) { signals[i], signals[j] = signals[j], signals[i] })
		kept := scoring.New(c)
		for i, s := range signals {
			if !kept.Fits(c, s) {
				kept, _ = scoring.Of(c, signals[:i+1], now)
				continue
			}
			if err := kept.Fold(c, s); err != nil {
				t.Fatal(err)
			}
			kept.Settle(c, now)
		}
		if diff := cmp.Diff(want, kept); diff != "" {
			t.Fatalf("the order matters:\n%s", diff)
		}
	}
}
