package vectors_test

import (
	"os"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/worktime/vectors"
)

func TestPublishedTable(t *testing.T) {
	const file, least = "../testdata/vectors.csv", 200
	text, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = text.Close() })
	report, err := vectors.Compare(file, text)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range report.Differences {
		t.Error(d)
	}
	if report.Rows < least {
		t.Errorf("%d rows are too few", report.Rows)
	}
}

func TestDifferences(t *testing.T) {
	const table = "\ufeffwant,note,op,tz,calendar,start_epoch,arg\r\n" +
		"1777885200,right,add_seconds,Europe/Berlin,mon_fri_9_17,1777734000,7200\r\n" + // Saturday, May 2, 2026, 17:00
		"1777881600,wrong,add_seconds,Europe/Berlin,mon_fri_9_17,1777734000,7200\r\n" +
		"1777878001,wrong,first_after,Europe/Berlin,mon_fri_9_17,1777734000,\r\n" +
		"3601,wrong,between,Europe/Berlin,mon_fri_9_17,1777734000,1777881600\r\n" +
		"-3600,right,between,Europe/Berlin,mon_fri_9_17,1777881600,1777734000\r\n"
	report, err := vectors.Compare("t.csv", strings.NewReader(table))
	if err != nil || report.Rows != 5 || len(report.Differences) != 3 {
		t.Fatalf("%+v, %v; want 3 differences of 5 rows", report, err)
	}
	for i, want := range []string{
		"t.csv:3: mon_fri_9_17 in Europe/Berlin: add_seconds(1777734000, 7200) is 1777885200 (Mon 2026-05-04 11:00:00) here, 1777881600 (Mon 2026-05-04 10:00:00) there",
		"t.csv:4: mon_fri_9_17 in Europe/Berlin: first_after(1777734000) is 1777878000 (Mon 2026-05-04 09:00:00) here, 1777878001 (Mon 2026-05-04 09:00:01) there",
		"t.csv:5: mon_fri_9_17 in Europe/Berlin: between(1777734000, 1777881600) is 3600 s here, 3601 s there",
	} {
		if got := report.Differences[i].String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestUnreadable(t *testing.T) {
	const header, good = "tz,calendar,op,start_epoch,start_local,arg,want\n", "UTC,always,add_seconds,1777734000,,1,1777734001\n"
	for name, tt := range map[string]struct{ text, want string }{
		"empty":                 {"", "t.csv:1: cannot read the header"},
		"header":                {"tz,calendar,op,start,arg\n", "t.csv:1: the header lacks start_epoch, want"},
		"no rows":               {header, "t.csv: there are no rows"},
		"calendar":              {header + good + "UTC,mon_fry,first_after,1777734000,,,1\n", `t.csv:3: calendar: unknown calendar "mon_fry"`},
		"zone":                  {header + "Mars,always,first_after,1777734000,,,1\n", `t.csv:2: tz: "Mars" is not`},
		"the machine's zone":    {header + "Local,always,first_after,1777734000,,,1\n", `t.csv:2: tz: "Local" is not`},
		"operation":             {header + "UTC,always,sub_seconds,1777734000,,1,1\n", `t.csv:2: op: unknown operation "sub_seconds"`},
		"start":                 {header + "UTC,always,first_after,noon,,,1\n", `t.csv:2: start_epoch: "noon" is not a whole number`},
		"argument":              {header + "UTC,always,add_seconds,1777734000,,1.5,1\n", `t.csv:2: arg: "1.5" is not a whole number`},
		"no argument":           {header + "UTC,always,add_seconds,1777734000,,,1\n", `t.csv:2: arg: "" is not a whole number`},
		"answer":                {header + "UTC,always,first_after,1777734000,,,\n", `t.csv:2: want: "" is not a whole number`},
		"fields":                {header + good + "UTC,always\n", "line 3"},
		"before the holidays":   {header + "UTC,always,first_after,-1,,,1\n", "t.csv:2: the holidays are known"},
		"far beyond":            {header + "UTC,always,between,1777734000,,9000000000000000000,1\n", "t.csv:2: the holidays are known"},
		"a duration far beyond": {header + "UTC,always,add_seconds,1777734000,,9000000000000000000,1\n", "t.csv:2: arg: 9000000000000000000 seconds"},
		"two":                   {header + "UTC,a,first_after,1777734000,,,1\nUTC,b,first_after,1777734000,,,1\n", `t.csv:3: calendar: unknown calendar "b"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := vectors.Compare("t.csv", strings.NewReader(tt.text))
			if fault.KindOf(err) != fault.Invalid || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want Invalid and %q", err, tt.want)
			}
		})
	}
}
