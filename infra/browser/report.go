package main

import (
	"fmt"
	"io"
	"strings"
)

// report prints one line for each check and counts.
type report struct {
	out            io.Writer
	passed, failed int
}

// check notes a check, failed when err is not nil, and tells whether it passed.
func (r *report) check(name string, err error) bool {
	if err != nil {
		r.failed++
		r.say("FAIL  %s: %s", name, strings.ReplaceAll(err.Error(), "\n", " · "))
		return false
	}
	r.passed++
	r.say("ok    %s", name)
	return true
}

func (r *report) say(format string, args ...any) {
	_, _ = fmt.Fprintf(r.out, format+"\n", args...) // A closed terminal hears nothing.
}

// unless returns an error with that text when ok is false.
func unless(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(format, args...)
}
