package contract

import (
	"embed"

	"github.com/handoff-oss/handoff/shared/fault"
)

//go:embed schema/*.json
var schemas embed.FS

// CommonSchema is the name of the schema that the others refer to.
const CommonSchema = "common"

// Types returns every event type, in the order of a lead's journey, then those
// that orders alone bring, those of a rollout, those about sources, those about
// the rollout itself, and last those about data.
func Types() []EventType {
	return []EventType{
		LeadCreated, LeadQualified, LeadHandedOff, LeadHeld,
		LeadAccepted, LeadRejected, LeadContacted, LeadReassigned, LeadEscalated, LeadRecycled, LeadDisqualified,
		LeadActiveAgain, LeadCommented, LeadFeedback, LeadStageChanged, RepOffline,
		ClockStarted, ClockWarned, ClockBreached, ClockMet, ClockLate, ClockStopped, ClockCorrected, ClockPaused, ClockResumed, ClockMoved,
		LeadEnrolled, LeadShadowed, LeadSuggested, LeadControlRouted,
		LeadTakenBack, LeadReminded, LeadMerged, LeadSplit, LeadErased, OrderIgnored,
		SourceSilent, SourceFailing, SourceDrifted, SourceRecovered,
		RolloutPromoted, RolloutHeld, RolloutResumed, RolloutRolledBack, RolloutApprovalNeeded,
		LeadIncomplete,
	}
}

// Schema returns the JSON Schema (2020-12) of an event type, or of
// CommonSchema. The schemas are the catalog of the events: every type and
// member is described there. Kind: NotFound for what is not a type.
//
// The schemas are open. Members may be added, none is renamed, and a consumer
// ignores what it does not know.
func Schema(t EventType) ([]byte, error) {
	b, err := schemas.ReadFile("schema/" + string(t) + ".json")
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, "schema of event type "+string(t), err)
	}
	return b, nil
}
