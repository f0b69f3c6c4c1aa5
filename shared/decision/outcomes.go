package decision

import (
	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/lead"
)

// outcomes returns what is to be counted anew when a decision changes a lead
// that was drawn for a phase: nothing, unless its record differs. Most decisions
// change none: a click, a reminder, a comment. Under a policy whose process
// applies to everybody no lead is drawn, and nothing is written for it.
//
// A lead that counts for another unit than before, as after a merge, leaves the
// first one.
func outcomes(core *lead.Core, before, after *lead.Lead) []evidence.Change {
	if after.Journey.Enrolment == nil && (before == nil || before.Journey.Enrolment == nil) {
		return nil
	}
	now := evidence.Change{Lead: after.Key, Version: after.Version, Record: core.Record(after)}
	old := evidence.Change{Lead: after.Key, Version: after.Version, Gone: true}
	if before != nil {
		old.Record = core.Record(before)
	}
	var changes []evidence.Change
	if old.Record.Enrolment.Drawn() && old.Of() != now.Of() {
		changes = append(changes, old)
	}
	if now.Record.Enrolment.Drawn() && !now.Record.Equal(old.Record) {
		changes = append(changes, now)
	}
	return changes
}
