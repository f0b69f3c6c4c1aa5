// Package child says how processes are started so that none outlives the
// program that started it. It starts none itself.
package child
