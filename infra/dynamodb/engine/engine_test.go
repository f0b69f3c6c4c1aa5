package engine_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/dynamodb/engine"
	"github.com/handoff-oss/handoff/shared/fault"
)

// start runs the engine over a folder, from the cache that "make test" fills.
func start(t *testing.T, data string) *engine.Server {
	t.Helper()
	root, err := cfn.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	program, err := engine.Install(t.Context(), filepath.Join(root, ".cache", "dynamodb"), &said)
	if err != nil {
		t.Fatal(err, said.String())
	}
	s, err := program.Start(t.Context(), engine.Options{DBPath: data})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func tables(t *testing.T, s *engine.Server) []string {
	t.Helper()
	out, err := dynamodb.NewFromConfig(engine.Config(s.URL())).ListTables(t.Context(), &dynamodb.ListTablesInput{})
	if err != nil {
		t.Fatal(err)
	}
	return out.TableNames
}

func TestAKilledEngineComesBackWithItsData(t *testing.T) {
	s := start(t, t.TempDir())
	table := cfn.Table{Attributes: map[string]string{"id": "S"}, Key: cfn.Key{Partition: "id"}, StreamView: "NEW_IMAGE", TTLAttribute: "gone_at"}
	client := dynamodb.NewFromConfig(engine.Config(s.URL()))
	for range 2 { // A table that is there is fine.
		if err := engine.EnsureTable(t.Context(), client, table, "kept"); err != nil {
			t.Fatal(err)
		}
	}
	pid := s.PID()
	if err := s.Settle(t.Context(), pid); err != nil {
		t.Errorf("nothing has happened, and yet: %v", err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(t.Context(), pid); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("what a killed process acknowledged counts as stored: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	name := "kept"
	for {
		_, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
		if err == nil && s.PID() != pid && s.PID() != 0 {
			break
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the engine does not come back: %v", err)
		case <-tick.C:
		}
	}
	if got := tables(t, s); len(got) != 1 || got[0] != "kept" {
		t.Errorf("the tables are %v", got)
	}
}

func TestCloseLeavesNoProcess(t *testing.T) {
	s := start(t, "")
	pid := s.PID()
	s.Close()
	if err := syscall.Kill(pid, 0); err == nil {
		t.Errorf("process %d is still there", pid)
	}
}

func TestInstallNamesWhatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := engine.Install(t.Context(), t.TempDir(), &bytes.Buffer{})
	if fault.KindOf(err) != fault.NotFound || !strings.Contains(err.Error(), "apt-get install -y openjdk-17-jdk-headless maven") {
		t.Errorf("got %v", err)
	}
}
