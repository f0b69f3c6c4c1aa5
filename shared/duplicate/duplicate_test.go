package duplicate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/match"
)

func monday() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

func compared(phone string) match.Result {
	p := match.Person{Given: "Ada", Family: "Lovelace", Company: "Acme", Phone: phone}
	return match.Compare(p, p)
}

func TestAPairIsSuggestedOnce(t *testing.T) {
	p := duplicate.Pair{Names: duplicate.Of("1b", "1a")}
	if p.A != "1a" || p.Other("1a") != "1b" || p.Other("1b") != "1a" || !p.Has("1b") || p.Has("1c") {
		t.Errorf("%+v", p)
	}
	if _, write := p.Suggest(compared(""), 90, monday()); write {
		t.Error("a score below the least one was suggested")
	}
	open, write := p.Suggest(compared(""), 60, monday())
	want := duplicate.Pair{
		Names: p.Names, Version: 1, State: duplicate.Open, Since: monday(), Score: 62,
		Evidence: []duplicate.Evidence{{match.ByGiven, 16}, {match.ByFamily, 24}, {match.ByCompany, 22}},
	}
	if diff := cmp.Diff(want, open); diff != "" || !write {
		t.Errorf("write %v: %s", write, diff)
	}
	if _, write := open.Suggest(compared("+442079460000"), 60, monday().AddDate(0, 0, 1)); write {
		t.Error("a pair that is suggested was written again")
	}
}

func TestWhatSomebodySaidStandsUntilThereIsMoreEvidence(t *testing.T) {
	tuesday, friday := monday().AddDate(0, 0, 1), monday().AddDate(0, 0, 4)
	for _, state := range []duplicate.State{duplicate.Dismissed, duplicate.Merged} {
		open, _ := duplicate.Pair{Names: duplicate.Of("1a", "1b")}.Suggest(compared(""), 60, monday())
		judged, err := open.Judge(state, compared(""), "Kim Sato", "I know both", tuesday)
		if err != nil || judged.Version != 2 || judged.State != state || judged.At != tuesday || judged.Since != monday() {
			t.Fatalf("%+v %v", judged, err)
		}
		if _, write := judged.Suggest(compared(""), 60, friday); write {
			t.Errorf("%s: suggested again without anything new", state)
		}
		again, write := judged.Suggest(compared("+442079460000"), 60, friday)
		if !write || again.State != duplicate.Open || again.Version != 3 || again.Since != friday || again.By != "" || again.Why != "" || !again.At.IsZero() {
			t.Errorf("%s, with a phone more: %v %+v", state, write, again)
		}
	}
}

func TestAWordIsGivenWithAReason(t *testing.T) {
	p := duplicate.Pair{Names: duplicate.Of("1a", "1b")}
	for name, test := range map[string]struct {
		state   duplicate.State
		by, why string
		want    string
	}{
		"nobody":     {duplicate.Dismissed, "", "why", "say who you are"},
		"no reason":  {duplicate.Merged, "Kim", "", "say why"},
		"a novel":    {duplicate.Dismissed, "Kim", strings.Repeat("x", 501), "too long"},
		"a long one": {duplicate.Dismissed, strings.Repeat("x", 81), "why", "too long"},
		"no word":    {duplicate.Open, "Kim", "why", "a person says"},
	} {
		got, err := p.Judge(test.state, compared(""), test.by, test.why, monday())
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), test.want) || got.Version != 0 {
			t.Errorf("%s: %v %+v", name, err, got)
		}
	}
	// A pair that was never suggested can be judged, too.
	got, err := p.Judge(duplicate.Dismissed, compared(""), "Kim", "two people", monday())
	if err != nil || got.Version != 1 || got.Since != monday() {
		t.Errorf("%v %+v", err, got)
	}
}
