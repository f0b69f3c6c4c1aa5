package bus

import (
	"cmp"
	"slices"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
)

// Divide says what became of events that were given to Put, by the failures that
// it returned: which are told, and which are left for another try. One that the
// bus will never take is in neither. The cause is the last failure's, nil when
// there was none.
func Divide(all []contract.Event, failed []Failure) (told, left []contract.Event, cause error) {
	errs := map[int]error{}
	for _, f := range failed {
		errs[f.Index], cause = f.Err, f.Err
	}
	for i, e := range all {
		switch err, bad := errs[i]; {
		case !bad:
			told = append(told, e)
		case fault.KindOf(err) != fault.Invalid:
			left = append(left, e)
		}
	}
	return told, left, cause
}

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
