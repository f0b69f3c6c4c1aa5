package child

import "syscall"

// Attr puts a process in a group of its own, so that Ctrl-C reaches the parent
// alone, which ends its children in order; and lets the system kill it when
// the parent dies without having done so.
func Attr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
