package vtime_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/local/hosttest"
	"github.com/handoff-oss/handoff/infra/local/vtime"
)

func TestTimeFlowsFromWhereItWasMoved(t *testing.T) {
	machine := hosttest.Start()
	c, err := vtime.New(hosttest.DB(t, ""), machine.Now)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Now().Equal(machine.Now()) {
		t.Errorf("it starts at %s", c.Now())
	}
	moved, target := c.Moved(), machine.Now().Add(72*time.Hour)
	if err := c.Set(target); err != nil {
		t.Fatal(err)
	}
	<-moved
	machine.Add(time.Second)
	if want := target.Add(time.Second); !c.Now().Equal(want) || c.Offset() != 72*time.Hour {
		t.Errorf("it is %s, want %s; ahead by %s", c.Now(), want, c.Offset())
	}
	if err := c.Set(target); err != nil {
		t.Fatal(err)
	}
	if want := target.Add(time.Second); !c.Now().Equal(want) {
		t.Errorf("time went back to %s", c.Now())
	}
}

func TestASecondStartKeepsTheTime(t *testing.T) {
	machine, file := hosttest.Start(), filepath.Join(t.TempDir(), "host.db")
	t.Run("first", func(t *testing.T) {
		c, err := vtime.New(hosttest.DB(t, file), machine.Now)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Set(machine.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	})
	c, err := vtime.New(hosttest.DB(t, file), machine.Now)
	if err != nil {
		t.Fatal(err)
	}
	if c.Offset() != time.Hour {
		t.Errorf("ahead by %s", c.Offset())
	}
}
