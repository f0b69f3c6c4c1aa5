package main

import (
	"context"
	"os/exec"
	"runtime"
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
)

// docker is a Docker engine with the base image of the functions.
type docker struct{ image string }

// findDocker looks for the engine and the image, and fetches the image when a
// registry answers. Kind: NotFound, with what to do.
func findDocker(ctx context.Context) (docker, error) {
	machine := runtime.GOARCH
	if machine == "amd64" {
		machine = "x86_64"
	}
	d := docker{image: "public.ecr.aws/lambda/provided:al2023-" + machine}
	if _, err := d.call(ctx, "info"); err != nil {
		return d, fault.New(fault.NotFound, "sam local needs a Docker engine, and none answers. "+
			"Install one (apt-get install docker.io) and start it (systemctl start docker, or dockerd); then again.")
	}
	if _, err := d.call(ctx, "image", "inspect", d.image); err == nil {
		return d, nil
	}
	if _, err := d.call(ctx, "pull", d.image); err != nil {
		return d, fault.New(fault.NotFound, "the base image %s is neither here nor to be had: %v. "+
			"Load it (docker load), or import one that can run a static binary under that name.", d.image, err)
	}
	return d, nil
}

// derive makes an image that differs from the base in its environment. SAM CLI
// passes on only variables that the template declares, and the endpoints of a
// local stack have no place in the template.
func (d docker) derive(ctx context.Context, name string, env ...string) error {
	id, err := d.call(ctx, "create", d.image, "/bootstrap")
	if err != nil {
		return err
	}
	defer func() { _, _ = d.call(context.WithoutCancel(ctx), "rm", id) }()
	args := []string{"commit"}
	for _, v := range env {
		args = append(args, "--change", "ENV "+v)
	}
	_, err = d.call(ctx, append(args, id, name)...)
	return err
}

// gateway is the address at which containers reach this machine.
func (d docker) gateway(ctx context.Context) (string, error) {
	return d.call(ctx, "network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}")
}

// remove removes the images of a name, and containers made of them.
func (d docker) remove(ctx context.Context, name string) {
	list, err := d.call(ctx, "image", "ls", "--quiet", "--filter", "reference="+name+"*")
	if err != nil {
		return
	}
	for _, id := range strings.Fields(list) {
		_, _ = d.call(ctx, "image", "rm", "--force", id)
	}
}

func (d docker) call(ctx context.Context, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, "docker", args...).CombinedOutput()
	text := strings.TrimSpace(string(out))
	if err != nil {
		return "", fault.New(fault.Unavailable, "docker %s: %v: %.300s", args[0], err, text)
	}
	return text, nil
}
