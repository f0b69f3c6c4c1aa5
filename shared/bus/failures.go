package bus

import (
	"cmp"
	"slices"
)

func failures(chunk []entry, err error) []Failure {
	failed := make([]Failure, len(chunk))
	for i, e := range chunk {
		failed[i] = Failure{Index: e.index, Err: err}
	}
	return failed
}

func inOrder(failed []Failure) []Failure {
	slices.SortFunc(failed, func(a, b Failure) int { return cmp.Compare(a.Index, b.Index) })
	return failed
}
