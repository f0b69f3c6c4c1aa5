package table

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/session"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Names of attributes and indexes, as template.yaml declares them.
const (
	attrPK         = "pk"
	attrSK         = "sk"
	attrDoc        = "doc"
	attrVersion    = "version"
	attrAnswers    = "answers"
	attrStage      = "stage"
	attrDueShard   = "due_shard"
	attrDueAt      = "due_at"
	attrOwner      = "owner"
	attrOwnerSort  = "owner_sort"
	attrCohort     = "cohort"
	attrCohortSort = "cohort_sort"
	attrExpires    = "expires_at"
	attrSource     = "source"
	attrForm       = "form"
	attrCampaign   = "campaign"
	attrPool       = "pool"
	attrName       = "name"
	attrMergedInto = "merged_into"
	attrErased     = "erased_at"

	indexDue    = "due"
	indexOwner  = "owner"
	indexCohort = "cohort"
)

const (
	// DueShards is how many partitions the due index spreads over. The sweep
	// reads all of them, so the number bounds both its reads and the rate of
	// deadlines that one partition must take.
	DueShards = 8
	// cohortShards spreads the leads of one day in the cohort index.
	cohortShards = 4
	// asideShards spreads the leads that nobody has in the owner index: the
	// nearly qualified ones and the recycled ones.
	asideShards = 4

	leadPrefix    = "LEAD#"
	poolPrefix    = "POOL#"
	signalPrefix  = "SIG#"
	logPrefix     = "LOG#"
	hourPrefix    = "HOUR#"
	changePrefix  = "CHANGE#"
	messagePrefix = "MSG#"
	sessionPrefix = "SESSION#"
	sentPrefix    = "SENT#"
	viewPrefix    = "VIEW#"

	duplicatePrefix = "DUP#"
	// duplicateShards spreads the suggested pairs in the owner index.
	duplicateShards = 4
	leadSK          = "LEAD"
	maxIDInKey      = 512 // a sort key holds 1,024 bytes; longer event ids are hashed
)

// timeKey is fixed-width UTC, so that text order is time order.
const timeKey = "2006-01-02T15:04:05.000Z"

// hourFormat is fixed-width UTC, too.
const hourFormat = "2006-01-02T15"

type key struct{ pk, sk string }

func (k key) item() map[string]types.AttributeValue {
	return map[string]types.AttributeValue{attrPK: text(k.pk), attrSK: text(k.sk)}
}

func leadPK(k signal.LeadKey) string { return leadPrefix + string(k) }

func leadItemKey(k signal.LeadKey) key { return key{leadPK(k), leadSK} }

func signalKey(k signal.LeadKey, source, id string) key {
	if len(id) > maxIDInKey {
		sum := sha256.Sum256([]byte(id))
		id = "sha256:" + hex.EncodeToString(sum[:])
	}
	return key{leadPK(k), signalPrefix + source + "#" + id}
}

func logKey(k signal.LeadKey, version int64) key {
	return key{leadPK(k), fmt.Sprintf("%s%012d", logPrefix, version)}
}

func poolKey(name string) key { return key{poolPrefix + name, "POOL"} }

// poolOfKey reads a pool's name from a partition key.
func poolOfKey(pk string) (string, bool) {
	name, ok := strings.CutPrefix(pk, poolPrefix)
	return name, ok && name != ""
}

func poolShard(name string) string { return strconv.Itoa(shard(poolPrefix+name, DueShards)) }

// queueOwner stands in the owner index for a pool that leads wait for.
func queueOwner(pool string) string { return "held#" + pool }

// undecidedOwner is where in the owner index the leads of a pool stand that
// their holders gave back and nobody else got: a person decides about them.
func undecidedOwner(pool string) string { return "decide#" + pool }

// suggestedOwner stands in the owner index for a pool whose manager is to
// confirm whom leads go to.
func suggestedOwner(pool string) string { return "suggested#" + pool }

// incompleteOwner stands in the owner index for a pool that would get the leads
// which wait for data.
func incompleteOwner(pool string) string { return "data#" + pool }

// nearOwner stands in the owner index for nobody, who has the leads that are
// nearly qualified.
func nearOwner(shard int) string { return "near#" + strconv.Itoa(shard) }

// againOwner stands there for those that went back to nurture.
func againOwner(shard int) string { return "again#" + strconv.Itoa(shard) }

// duplicateKey is where a pair of leads is kept, in the partition of the lead
// whose key is smaller. With the keys swapped it is what leads there.
func duplicateKey(a, b signal.LeadKey) key { return key{leadPK(a), duplicatePrefix + string(b)} }

func duplicateOfKey(pk, sk string) (duplicate.Names, bool) {
	a, ok := leadKeyOf(pk)
	b, also := strings.CutPrefix(sk, duplicatePrefix)
	return duplicate.Of(a, signal.LeadKey(b)), ok && also
}

// duplicatesOwner stands in the owner index for the pairs that somebody is to
// judge.
func duplicatesOwner(n duplicate.Names) string {
	return duplicatesShard(shard(string(n.A), duplicateShards))
}

func duplicatesShard(shard int) string { return "duplicates#" + strconv.Itoa(shard) }

func asideShard(k signal.LeadKey) int { return shard(string(k), asideShards) }

// viewKey is where a saved view is kept.
func viewKey(owner, id string) key { return key{viewPK(owner), viewPrefix + id} }

// viewPK hashes the person, whom the identity provider names; "" is everybody.
func viewPK(owner string) string {
	if owner == "" {
		return viewPrefix + "SHARED"
	}
	sum := sha256.Sum256([]byte(owner))
	return viewPrefix + hex.EncodeToString(sum[:16])
}

// accountKey is where a company is kept.
func accountKey(k account.Key) key { return key{"ACCOUNT#" + string(k), "ACCOUNT"} }

// filedKey is where it is filed that a lead has something that others may have.
func filedKey(f lead.Filing, k signal.LeadKey) key { return key{filedPK(f), string(k)} }

func filedPK(f lead.Filing) string { return "FILED#" + string(f.Kind) + "#" + f.Value }

// accountNameKey is where a company is filed under a name, by one word of it.
// Neither has a "#" in it. No company's key makes it the beginning of the keys
// of all companies of that name.
func accountNameKey(word, name string, k account.Key) key {
	return key{accountNamePK(word), name + "#" + string(k)}
}

func accountNamePK(word string) string { return "ACCOUNTNAME#" + word }

// companyKey is where a company is listed under a name or its domain, so that it
// is found by how that begins. Names of the same two first letters stand
// together. Nothing but the key has a "#" in it.
func companyKey(name string, k account.Key) key {
	return key{companyPK(name), name + "#" + string(k)}
}

func companyPK(name string) string {
	const letters = 2
	first := []rune(name)
	return "COMPANY#" + string(first[:min(len(first), letters)])
}

func rosterKey() key { return key{"ROSTER", "CURRENT"} }

// Sort keys of the history of the rollout do not begin as those of log entries
// do: what does is published.
const (
	rolloutPK   = "ROLLOUT"
	statePrefix = "STATE#"
)

// rolloutKey is where the rollout stands, rolloutStateKey where one version of
// that is kept.
func rolloutKey() key { return key{rolloutPK, "CURRENT"} }

func rolloutStateKey(version int64) key {
	return key{rolloutPK, fmt.Sprintf("%s%012d", statePrefix, version)}
}

// rosterChangeKey is where a change of the roster is kept. It begins as no
// entry of a lead's log does, which the stream is filtered by.
func rosterChangeKey(version int64) key {
	return key{rosterKey().pk, fmt.Sprintf("%s%012d", changePrefix, version)}
}

// reviewKey is where it is kept what the running clocks were last looked at under.
func reviewKey() key { return key{"SWEEP", "REVIEWED"} }

// retainedKey is where it is kept how far the policy's retention came.
func retainedKey() key { return key{"RETENTION", "MARK"} }

// erasingOwner stands in the owner index for the erasures that are not over. No
// rep has such an id.
const erasingOwner = "erasing#"

// firstDayKey is where the day of the first lead ever is kept.
func firstDayKey() key { return key{"COHORT", "FIRST"} }

func currentPolicyKey() key { return key{"POLICY", "CURRENT"} }

func policyKey(v policy.Version) key { return key{"POLICY", "VERSION#" + string(v)} }

// sourceHourKey is where the webhooks of a source in one UTC hour are counted.
func sourceHourKey(source string, hour time.Time) key {
	return key{sourcePK(source), hourPrefix + hour.UTC().Format(hourFormat)}
}

// watchKey is what is remembered of watching a source.
func watchKey(source string) key { return key{sourcePK(source), "WATCH"} }

func sourcePK(source string) string { return "SOURCE#" + source }

// deliveryKey hashes the recipient, so that no address stands in a key.
func deliveryKey(d Delivery) key {
	sum := sha256.Sum256([]byte(d.To))
	return key{sentPrefix + d.Event, d.Channel + "#" + hex.EncodeToString(sum[:8])}
}

// sentOn stands in the owner index for the deliveries that were accepted on a
// day, and unsentOwner for those in another state.
func sentOn(day time.Time) string { return "sent#" + day.UTC().Format(time.DateOnly) }

func unsentOwner(s DeliveryState) string { return "sent#" + string(s) }

// sentSort orders deliveries by time, no two alike.
func sentSort(d Delivery, at time.Time) string {
	return formatTime(at) + "#" + d.Event + "#" + deliveryKey(d).sk
}

// messageKey stands in the lead's partition, so that it goes with the lead.
func messageKey(m Message) key {
	sum := sha256.Sum256([]byte(m.To))
	return key{leadPK(m.Lead), messagePrefix + m.Event + "#" + hex.EncodeToString(sum[:8])}
}

// sessionKey keeps all sessions of one person together.
func sessionKey(r session.Ref) key { return key{sessionPK(r.Owner), r.Hash} }

func sessionPK(o session.Owner) string { return sessionPrefix + string(o) }

// sessionOwnerOf reads whose sessions a partition holds.
func sessionOwnerOf(pk string) (session.Owner, bool) {
	o, ok := strings.CutPrefix(pk, sessionPrefix)
	return session.Owner(o), ok && o != ""
}

// sessionsOwner stands in the owner index for all sessions. No rep has such an id.
const sessionsOwner = "sessions#"

// loginKey hashes the name, which stands in addresses.
func loginKey(name string) key {
	sum := sha256.Sum256([]byte(name))
	return key{"LOGIN#" + hex.EncodeToString(sum[:16]), "LOGIN"}
}

// importsPK keeps all imports together: they are few.
const importsPK = "IMPORT"

func importKey(id string) key { return key{importsPK, "FILE#" + id} }

// nonceKey hashes the value, whose length is the sender's.
func nonceKey(source, value string) key {
	sum := sha256.Sum256([]byte(value))
	return key{"NONCE#" + source + "#" + hex.EncodeToString(sum[:16]), "NONCE"}
}

func dueShard(k signal.LeadKey) string { return strconv.Itoa(shard(string(k), DueShards)) }

func cohortOf(k signal.LeadKey, created time.Time) string {
	return cohortPartition(created, shard(string(k), cohortShards))
}

func cohortPartition(day time.Time, shard int) string {
	return day.UTC().Format(time.DateOnly) + "#" + strconv.Itoa(shard)
}

func shard(s string, n uint32) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(s)) // never fails, by its documentation
	return int(h.Sum32() % n)
}

func formatTime(t time.Time) string { return t.UTC().Format(timeKey) }

// leadKeyOf reads the lead's key from a partition key.
func leadKeyOf(pk string) (signal.LeadKey, bool) {
	k, ok := strings.CutPrefix(pk, leadPrefix)
	return signal.LeadKey(k), ok && k != ""
}

// outcomeKey is where a change of a lead's outcomes waits for being counted: by
// day, and within it by hour, so that one query reads what has come since.
func outcomeKey(c evidence.Change, at time.Time) key {
	kind := leadPrefix
	if c.Gone {
		kind = "GONE#"
	}
	return key{outcomePK(at, shard(string(c.Lead), OutcomeShards)), outcomeHour(at) + kind + string(c.Lead)}
}

func outcomePK(at time.Time, shard int) string {
	return strings.Join([]string{"OUTCOME", at.UTC().Format(time.DateOnly), strconv.Itoa(shard)}, "#")
}

func outcomeHour(at time.Time) string { return at.UTC().Format(hourFormat) + "#" }

// unitKey is what is kept of a unit of a phase. Its id comes last, as it may be
// any text.
func unitKey(k evidence.UnitKey) key {
	return key{strings.Join([]string{"UNIT", k.Phase, strconv.Itoa(k.Round), k.ID}, "#"), "UNIT"}
}

func countedPK(phase string, round int) string {
	return strings.Join([]string{"COUNTED", phase, strconv.Itoa(round)}, "#")
}

// dayKey is what was counted of a day of a phase.
func dayKey(k evidence.DayKey) key {
	return key{countedPK(k.Phase, k.Round), "DAY#" + k.Day + "#" + string(k.Arm)}
}

// countMarkKey is up to when changes were counted.
func countMarkKey() key { return key{"COUNTED", "MARK"} }

// rulingKey is where a ruling about the rollout is kept.
func rulingKey(at time.Time) key { return key{rolloutPK, "VERDICT#" + formatTime(at)} }
