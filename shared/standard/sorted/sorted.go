// Package sorted finds lines in sorted text. A table that is embedded as such
// costs nothing when a process starts and no memory of its own: a function that
// never asks never reads it. The package does not know what the lines say.
package sorted

import "strings"

// Find returns what stands behind the key and a tab in its line of the table,
// "" in a line that is the key alone. The table's lines are sorted by their
// keys, byte by byte, and each ends with a line feed.
func Find(table, key string) (value string, ok bool) {
	low, high := 0, len(table) // of the lines that may be it
	for low < high {
		middle := low + (high-low)/2
		start := low + strings.LastIndexByte(table[low:middle], '\n') + 1
		end := start + strings.IndexByte(table[start:], '\n')
		if end < start {
			end = len(table)
		}
		found, value, _ := strings.Cut(table[start:end], "\t")
		switch c := strings.Compare(found, key); {
		case c == 0:
			return value, true
		case c < 0:
			low = end + 1
		default:
			high = start
		}
	}
	return "", false
}

// Wrong returns the first line of the table that does not come behind the one
// before it, by their keys; "" when the table is as Find needs it.
func Wrong(table string) string {
	last := ""
	for line := range strings.Lines(table) {
		key, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if key <= last {
			return line
		}
		last = key
	}
	return ""
}
