package main

import (
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/fault"
)

func TestCheckWorktime(t *testing.T) {
	const published = "../../shared/worktime/testdata/vectors.csv"
	const header = "tz,calendar,op,start_epoch,start_local,arg,want\n"
	const right = "UTC,mon_fri_9_17,add_seconds,1777734000,2026-05-02T15:00:00 Sat,3600,1777888800\n" // Monday 10:00
	const wrong = "UTC,mon_fri_9_17,add_seconds,1777734000,2026-05-02T15:00:00 Sat,3600,1777910400\n" // Monday 16:00
	other := write(t, "other.csv", header+right+wrong)
	tests := []struct {
		name, text string
		files      []string
		out, want  string
	}{
		{"the published table", "", []string{published}, "303 rows, 0 differences\n", ""},
		{"standard input", header + right, []string{"-"}, "1 row, 0 differences\n", ""},
		{"a difference", "", []string{other}, other + ":3: mon_fri_9_17 in UTC: add_seconds(1777734000, 3600) is " +
			"1777888800 (Mon 2026-05-04 10:00:00) here, 1777910400 (Mon 2026-05-04 16:00:00) there\n2 rows, 1 difference\n", "1 difference from"},
		{"two files", header + wrong + right, []string{"-", other}, "4 rows, 2 differences\n", "2 differences from"},
		{"a calendar that nobody knows", header + strings.Replace(right, "9_17", "9_18", 1) + right, []string{"-"}, "1 row, 0 differences\n", `-:2: calendar: unknown calendar "mon_fri_9_18"`},
		{"another header", "a,b\n", []string{"-"}, "0 rows, 0 differences\n", "-:1: the header lacks tz,"},
		{"a word for a number", header + strings.Replace(right, "3600", "1h", 1), []string{"-"}, "0 rows", `-:2: arg: "1h" is not a whole number`},
		{"a missing file", "", []string{"/no/such/file", other}, "2 rows, 1 difference\n", "/no/such/file"},
		{"no file", "", nil, "", "requires at least 1 arg"},
	}
	for _, tt := range tests {
		out, _, err := run(t, nil, tt.text, append([]string{"check", "worktime"}, tt.files...)...)
		if !strings.Contains(out, tt.out) {
			t.Errorf("%s: got\n%swant\n%s", tt.name, out, tt.out)
		}
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
	if _, _, err := run(t, nil, header+wrong, "check", "worktime", "-"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a difference is %v, want Invalid", err)
	}
}

func TestCheckIsHidden(t *testing.T) {
	out, _, err := run(t, nil, "", "--help")
	if err != nil || strings.Contains(out, "\n  check ") || !strings.Contains(out, "\n  policy ") {
		t.Errorf("help: %v\n%s", err, out)
	}
}
