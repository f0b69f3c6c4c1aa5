// Package nearest finds the word that somebody probably meant. It knows
// nothing of policies.
package nearest

import "strings"

// Word returns the one of words that is closest to what was written, if it is
// close enough to be a slip: at most one edit for every three letters.
func Word(written string, words []string) (string, bool) {
	best, bestAt := "", len(written)/3
	for _, w := range words {
		d := Distance(strings.ToLower(written), strings.ToLower(w))
		if d < bestAt || (d == bestAt && (best == "" || w < best)) {
			best, bestAt = w, d
		}
	}
	return best, best != ""
}

// Hint returns " (did you mean …?)", or "" when nothing is close.
func Hint(written string, words []string) string {
	if w, ok := Word(written, words); ok {
		return " (did you mean " + w + "?)"
	}
	return ""
}

// Distance counts the letters to insert, delete, replace or swap with their
// neighbor (optimal string alignment).
func Distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			replace := rows[i-1][j-1]
			if x[i-1] != y[j-1] {
				replace++
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, replace)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
