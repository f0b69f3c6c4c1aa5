// Package engine fetches and runs DynamoDB Local, Amazon's own engine for one
// machine. It fetches it once, from Maven Central into a cache folder or as a
// container image, starts it on a loopback port, and starts it again when it
// dies. It knows nothing of what is stored in it.
package engine

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Version is the version of DynamoDB Local that is fetched. The dependencies
// of later ones are not in every mirror of Maven Central.
const Version = "3.1.0"

// image is the same version as a container.
const image = "amazon/dynamodb-local:" + Version

const project = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>handoff</groupId><artifactId>dynamodb-local</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>software.amazon.dynamodb</groupId><artifactId>DynamoDBLocal</artifactId><version>` + Version + `</version></dependency>
  </dependencies>
</project>
`

// Program is a DynamoDB Local that is there to be started.
type Program struct {
	lib    string // folder of jars and native libraries; "" for the container
	docker bool
}

// Install returns DynamoDB Local from the cache folder and fetches it first
// when it is not there. Several processes may call it at once. What Maven
// prints goes to log. Kinds: NotFound, naming the command that installs what
// the machine lacks; Unavailable when it cannot be fetched.
func Install(ctx context.Context, cache string, log io.Writer) (Program, error) {
	java, maven := javaVersion(ctx) >= 17, has("mvn")
	if err := os.MkdirAll(cache, 0o750); err != nil {
		return Program{}, fault.Wrap(fault.Internal, "make the cache folder", err)
	}
	lib := filepath.Join(cache, Version)
	if java && complete(lib) {
		return Program{lib: lib}, nil
	}
	if java && maven {
		return Program{lib: lib}, fetch(ctx, cache, lib, log)
	}
	if dockerAnswers(ctx) {
		return Program{docker: true}, pull(ctx, log)
	}
	return Program{}, fault.New(fault.NotFound, "DynamoDB Local needs %s. Install it, for example with: apt-get install -y %s",
		missing(java, maven), packages(java, maven))
}

func missing(java, maven bool) string {
	switch {
	case !java && !maven:
		return "a JDK (17 or later) and Maven, or a running Docker engine"
	case !java:
		return "a JDK (17 or later), or a running Docker engine"
	}
	return "Maven, or a running Docker engine"
}

func packages(java, maven bool) string {
	switch {
	case !java && !maven:
		return "openjdk-17-jdk-headless maven"
	case !java:
		return "openjdk-17-jdk-headless"
	}
	return "maven"
}

// fetch copies the jars to a folder beside lib and renames it, so that lib is
// whole or not there.
func fetch(ctx context.Context, cache, lib string, log io.Writer) error {
	unlock, err := lock(ctx, filepath.Join(cache, "lock"))
	if err != nil {
		return err
	}
	defer unlock()
	if complete(lib) {
		return nil
	}
	tmp, err := os.MkdirTemp(cache, "fetch-")
	if err != nil {
		return fault.Wrap(fault.Internal, "fetch DynamoDB Local", err)
	}
	defer os.RemoveAll(tmp) //nolint:errcheck // A folder in the cache; the next fetch does not mind it.
	pom := filepath.Join(tmp, "pom.xml")
	if err := os.WriteFile(pom, []byte(project), 0o600); err != nil {
		return fault.Wrap(fault.Internal, "fetch DynamoDB Local", err)
	}
	jars := filepath.Join(tmp, "lib")
	cmd := exec.CommandContext(ctx, "mvn", "--batch-mode", "--quiet", "-Dstyle.color=never", "--file", pom,
		"dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+jars)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		return fault.Wrap(fault.Unavailable, "fetch DynamoDB Local from Maven Central", err)
	}
	if err := os.WriteFile(filepath.Join(jars, marker), []byte(Version+"\n"), 0o600); err != nil {
		return fault.Wrap(fault.Internal, "fetch DynamoDB Local", err)
	}
	if err := errors.Join(os.RemoveAll(lib), os.Rename(jars, lib)); err != nil {
		return fault.Wrap(fault.Internal, "fetch DynamoDB Local", err)
	}
	return nil
}

// marker is written last: a folder without it is not used.
const marker = ".complete"

func complete(lib string) bool {
	_, err := os.Stat(filepath.Join(lib, marker))
	return err == nil
}

// lock waits for the file's lock. The system releases it when a holder dies.
func lock(ctx context.Context, file string) (func(), error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // A path of ours.
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "lock "+file, err)
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = f.Close() }, nil // Closing releases the lock.
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fault.Wrap(fault.Unavailable, "wait for "+file, ctx.Err()), f.Close())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func has(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// javaVersion is the major version of the java on the path, 0 without one.
func javaVersion(ctx context.Context) int {
	out, err := exec.CommandContext(ctx, "java", "-version").CombinedOutput()
	if err != nil {
		return 0
	}
	m := regexp.MustCompile(`version "(\d+)`).FindSubmatch(out)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		return 0
	}
	return n
}

func dockerAnswers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return exec.CommandContext(ctx, "docker", "version", "--format", "{{.Server.Version}}").Run() == nil
}

func pull(ctx context.Context, log io.Writer) error {
	if exec.CommandContext(ctx, "docker", "image", "inspect", image).Run() == nil {
		return nil
	}
	cmd := exec.CommandContext(ctx, "docker", "pull", image)
	cmd.Stdout, cmd.Stderr = log, log
	return fault.Wrap(fault.Unavailable, "fetch the image "+image, cmd.Run())
}
