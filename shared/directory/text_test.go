package directory_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/directory"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
)

func TestHoursAreWrittenAsTheyAreRead(t *testing.T) {
	for text, again := range map[string]string{
		"mon-fri 09:00-17:00": "mon-fri 09:00-17:00",
		"mon 09:00-12:30, 13:30-17:00\ntue 09:00-12:30 13:30-17:00; fri 09:00-13:00": "mon-tue 09:00-12:30 13:30-17:00\nfri 09:00-13:00",
		"Mon: 09:00-12:00\n\nmon 13:00-17:00":                                        "mon 09:00-12:00 13:00-17:00",
		"":                                                                           "",
	} {
		hours, err := directory.ParseHours(text)
		if got := routing.HoursText(hours); err != nil || got != again {
			t.Errorf("%q is written %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"monday 09:00-17:00", "fri-mon 09:00-17:00", "mon", "09:00-17:00"} {
		if _, err := directory.ParseHours(text); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q is read: %v", text, err)
		}
	}
}

func TestCapsAreWrittenAsTheyAreRead(t *testing.T) {
	text := "5 per day\n20 open\n10 per week spread\n2 per 24h tag enterprise\n1 open tag big\n3 per month spread tag big when fit.grade == \"C\""
	want := []policy.Cap{
		{Most: 5, Per: "day"},
		{Most: 20, Per: "open"},
		{Most: 10, Per: "week", Spread: true},
		{Most: 2, Per: "24h", Tag: "enterprise"},
		{Most: 1, Per: "open", Tag: "big"},
		{Most: 3, Per: "month", Spread: true, Tag: "big", When: `fit.grade == "C"`},
	}
	caps, err := directory.ParseCaps(text)
	if diff := cmp.Diff(want, caps); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if got := directory.CapsText(caps); got != text {
		t.Error(got)
	}
	for _, text := range []string{"five per day", "5", "5 daily", "5 per", "5 per day tag", "5 per day of leads"} {
		if _, err := directory.ParseCaps(text); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q is read: %v", text, err)
		}
	}
	if diff := cmp.Diff([]string{"a", "b c", "d"}, directory.ParseList(" a, b c,\n,d ")); diff != "" {
		t.Error(diff)
	}
}
