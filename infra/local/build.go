package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/shared/fault"
)

// build compiles the functions of the template into dir, one binary each,
// named like its folder, with the flags that a deploy uses. Binaries that are
// up to date stay.
func build(ctx context.Context, root, dir string, functions []cfn.Function) error {
	bin, err := filepath.Abs(dir)
	if err == nil {
		err = os.MkdirAll(bin, 0o750)
	}
	if err != nil {
		return fault.Wrap(fault.Internal, "make the folder of the binaries", err)
	}
	args := []string{"install", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w"}
	for _, f := range functions {
		args = append(args, "./"+f.CodeURI)
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, &out, &out
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOBIN="+bin, "GOOS=", "GOARCH=")
	if err := cmd.Run(); err != nil {
		return fault.Wrap(fault.Invalid, "build the functions:\n"+out.String(), err)
	}
	return nil
}
