//go:build !linux

package child

import "syscall"

// Attr leaves a process in the parent's group, so that Ctrl-C ends it too:
// this system has no other means to end children with their parent.
func Attr() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }
