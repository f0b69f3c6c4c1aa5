package table

import (
	"time"

	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
)

// indexLead adds to a lead's item what the indexes hold. Their keys change only
// when a holder or a deadline does, or when the lead becomes nearly qualified
// or is so no more; its place in its cohort never does. Beside the keys, the
// stage and the pool change when the lead moves on, and where it came from does
// not. So a plain signal rewrites the snapshot and no index.
func indexLead(it item, l *lead.Lead) {
	it[attrCohort] = text(cohortOf(l.Key, l.CreatedAt))
	it[attrCohortSort] = text(formatTime(l.CreatedAt))
	it[attrStage] = text(string(l.Journey.Stage))
	origin := l.Facts.Origin
	_, pool := l.Journey.Whose()
	for name, value := range map[string]string{
		attrSource: find.Term(origin.Source()), attrForm: find.Term(origin.Form.Value), attrCampaign: find.Term(origin.Campaign.Value), attrPool: pool,
	} {
		if value != "" {
			it[name] = text(value)
		}
	}
	if at, ok := l.NextDue(); ok {
		it[attrDueShard] = text(dueShard(l.Key))
		it[attrDueAt] = text(formatTime(at))
	}
	if owner, sort := ownerOf(l); owner != "" {
		it[attrOwner], it[attrOwnerSort] = text(owner), text(sort)
	}
}

// ownerOf returns the place of a lead in the owner index, "" for none: with its
// holder, in the queue of a pool, among those that its manager is to confirm or
// that wait for data, or, when nobody has it, among those that are for a person
// to decide about, in nurture or nearly qualified.
func ownerOf(l *lead.Lead) (owner, sort string) {
	j := l.Journey
	switch h := j.Holder(); {
	case j.Held != nil:
		since := j.Held.Waits
		if !j.Held.Until.IsZero() {
			since = j.Held.Until // held back, it stands behind all that can be offered
		}
		return queueOwner(j.Held.Pool), formatTime(since)
	case j.Suggested != nil:
		return suggestedOwner(j.Suggested.Pool), formatTime(j.Suggested.Waits)
	case j.Incomplete != nil:
		return incompleteOwner(j.Incomplete.Pool), formatTime(j.Incomplete.Waits)
	case h != nil:
		return h.Rep, formatTime(h.Since)
	case j.Handoff != nil && j.Stage == lead.Qualified:
		return undecidedOwner(j.Handoff.Pool), formatTime(undecidedSince(j.Handoff))
	case j.Stage == lead.Recycled:
		return againOwner(asideShard(l.Key)), formatTime(j.RecycledUntil)
	case !j.NearSince.IsZero():
		return nearOwner(asideShard(l.Key)), formatTime(j.NearSince)
	}
	return "", ""
}

// undecidedSince is when the last holder of a lead lost it.
func undecidedSince(h *lead.Handoff) time.Time {
	if h.TakenAt.After(h.AnsweredAt) {
		return h.TakenAt
	}
	return h.AnsweredAt
}
