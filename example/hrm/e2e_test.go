package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/eventbustest"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/example/hrm/hrmapi"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
	"gitlab.com/pik-pro/backend/toolset/match"
	"gitlab.com/pik-pro/backend/toolset/openapi/openapitest"
)

const secret = "only-for-tests"

// onAllParts runs a test on the four combinations of embedded and real parts.
func onAllParts(t *testing.T, test func(t *testing.T, s *running)) {
	t.Helper()
	for _, realDB := range []bool{false, true} {
		for _, realBroker := range []bool{false, true} {
			name := map[bool]string{false: "sqlite", true: "postgres"}[realDB] + "+" + map[bool]string{false: "memory", true: "rabbitmq"}[realBroker]
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				cfg := config{}
				if realDB {
					cfg.databaseURL = testenv.Postgres(t)
				}
				if realBroker {
					cfg.rabbitMQ = &rabbitmq.Config{URL: testenv.RabbitMQ(t).URL()}
				}
				test(t, start(t, cfg))
			})
		}
	}
}

// running is the example, serving.
type running struct {
	base   string
	client *http.Client // in strict mode: each answer has to be what the documents say
	broker eventbus.Broker
	out    *bytes.Buffer
	stop   func() error // stops it and tells how run ended
}

func start(t *testing.T, cfg config) *running {
	t.Helper()
	type ready struct {
		base   string
		broker eventbus.Broker
	}
	up := make(chan ready, 1)
	cfg.addr = "127.0.0.1:0"
	cfg.secret = secret
	cfg.delays = []time.Duration{20 * time.Millisecond, 50 * time.Millisecond}
	cfg.ready = func(base string, broker eventbus.Broker) { up <- ready{base, broker} }

	s := &running{out: &bytes.Buffer{}}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, cfg, s.out) }()
	stopped := false
	s.stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-ended
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Errorf("run ended with %v", err)
		}
	})
	select {
	case r := <-up:
		s.base, s.broker, s.client = r.base, r.broker, strict(t, r.base)
	case err := <-ended:
		stopped = true
		t.Fatalf("run ended at once: %v", err)
	}
	return s
}

// strict returns a client that fails the test at each answer that the documents of the two services do not describe.
func strict(t *testing.T, base string) *http.Client {
	t.Helper()
	client := &http.Client{Transport: http.DefaultTransport}
	for _, path := range []string{"/openapi.json", "/mailer/openapi.json"} {
		s := running{base: base, client: client}
		document := s.call(t, "GET", path, "").want(200, `{"openapi": "3.1.0", ...}`)
		client = &http.Client{Transport: openapitest.Transport(t, document.body, client.Transport)}
	}
	return client
}

// answer is a response whose body was read.
type answer struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	body   []byte
}

func (s *running) call(t *testing.T, method, path, body string, header ...string) answer {
	t.Helper()
	var payload io.Reader
	if body != "" {
		payload = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.base+path, payload)
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{t, method + " " + path, resp.StatusCode, resp.Header, text}
}

// want fails the test unless status and body are as described.
func (a answer) want(status int, pattern string) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s answered %d: %s\nwanted %d", a.what, a.status, a.body, status)
	}
	if pattern == "" {
		if len(a.body) != 0 {
			a.t.Fatalf("%s: body %q, wanted none", a.what, a.body)
		}
		return a
	}
	match.JSON(a.t, a.body, pattern)
	return a
}

// id is the "id" of the object that was answered.
func (a answer) id() int64 {
	a.t.Helper()
	var object struct {
		ID int64 `json:"id"`
	}
	if err := json.Unmarshal(a.body, &object); err != nil || object.ID == 0 {
		a.t.Fatalf("%s: no id in %s (%v)", a.what, a.body, err)
	}
	return object.ID
}

// eventually asks again until the answer matches.
func (s *running) eventually(t *testing.T, path, pattern string) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		a := s.call(t, "GET", path, "")
		diff := match.Diff(a.body, pattern)
		if diff == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("GET %s never matched: %s\nlast: %s", path, diff, a.body)
		}
		time.Sleep(20 * time.Millisecond) // polls a condition, within the deadline above
	}
}

func (s *running) hire(t *testing.T, name, email string, department int64, more string) int64 {
	t.Helper()
	return s.call(t, "POST", "/api/v1/people/", fmt.Sprintf(
		`{"name": %q, "email": %q, "salary": "1200.50", "department": %d%s}`, name, email, department, more)).want(201, `{...}`).id()
}

func (s *running) newDepartment(t *testing.T, name string) int64 {
	t.Helper()
	return s.call(t, "POST", "/api/v1/departments/", fmt.Sprintf(`{"name": %q}`, name)).want(201, `{"id": ..., "name": ...}`).id()
}

func TestDepartmentsAndPeople(t *testing.T) {
	t.Parallel()
	onAllParts(t, func(t *testing.T, s *running) {
		rec := eventbustest.Record(t, s.broker, hrmapi.Events)
		d := s.newDepartment(t, "Research")
		other := s.newDepartment(t, "Law")
		one := fmt.Sprintf("/api/v1/departments/%d/", d)
		s.call(t, "GET", one, "").want(200, fmt.Sprintf(`{"id": %d, "name": "Research"}`, d))
		s.call(t, "PATCH", one, `{"name": "Science"}`).want(200, fmt.Sprintf(`{"id": %d, "name": "Science"}`, d))
		s.call(t, "GET", "/api/v1/departments/", "").want(200, fmt.Sprintf(`[..., {"id": %d, "name": "Science"}, ...]`, d))

		p := s.call(t, "POST", "/api/v1/people/", fmt.Sprintf(`{"name": " Zoe ", "email": "zoe@x.example", "role": "engineer", "salary": "1200.5", "department": %d}`, d)).
			want(201, fmt.Sprintf(`{"id": ..., "created_at": ..., "name": "Zoe", "email": "zoe@x.example", "role": "engineer", "salary": "1200.50",
				"department": {"id": %d, "name": "Science"}}`, d)).id()
		path := fmt.Sprintf("/api/v1/people/%d/", p)
		s.call(t, "GET", path, "").want(200, `{"name": "Zoe", ...}`)
		s.call(t, "PATCH", path, fmt.Sprintf(`{"department": %d}`, other)).want(200, fmt.Sprintf(`{"name": "Zoe", "department": {"id": %d, "name": "Law"}, ...}`, other))
		s.call(t, "PATCH", path, `{"email": "zoe@x.example"}`).want(200, `{"email": "zoe@x.example", ...}`) // her own address
		s.call(t, "GET", fmt.Sprintf("/api/v1/people/?department=%d&department=%d", d, other), "").want(200, `[{"name": "Zoe", ...}]`)
		s.call(t, "GET", fmt.Sprintf("/api/v1/people/?department=%d", d), "").want(200, `[]`)
		s.call(t, "DELETE", path, "").want(204, "")
		s.call(t, "GET", path, "").want(404, `{"code": 404, "detail": {"detail": "Not found."}, "error_code": "HRM/DEFAULT_EXCEPTION"}`)
		s.call(t, "DELETE", path, "").want(404, `{"code": 404, ...}`)
		s.call(t, "POST", path+"restore/", "").want(200, fmt.Sprintf(`{"id": %d, "name": "Zoe", ...}`, p))
		s.call(t, "POST", path+"restore/", "").want(404, `{"code": 404, ...}`)

		if created := eventbustest.One(rec, hrmapi.PersonCreated); created.ID != p || created.Email != "zoe@x.example" {
			t.Errorf("person.created says %+v", created)
		}
		rec.Wait(5) // created, updated, updated, deleted, updated
		if n := len(eventbustest.All(rec, hrmapi.PersonUpdated)); n != 3 {
			t.Errorf("%d person.updated, wanted two patches and a restore", n)
		}
	})
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	onAllParts(t, func(t *testing.T, s *running) {
		d := s.newDepartment(t, "Research")
		s.hire(t, "Ann", "taken@x.example", d, "")
		detail := func(text string) string {
			return `{"code": 400, "detail": ` + text + `, "error_code": "HRM/DEFAULT_EXCEPTION"}`
		}
		s.call(t, "POST", "/api/v1/departments/", `{"name": "  "}`).want(400, detail(`{"name": ["This field may not be blank."]}`))
		s.call(t, "POST", "/api/v1/departments/", `{}`).want(400, detail(`{"name": ["This field is required."]}`))
		s.call(t, "POST", "/api/v1/people/", `{"name": "", "email": "nobody", "role": "boss", "salary": "1.999", "department": 999}`).want(400, detail(`{
			"name": ["This field may not be blank."],
			"email": ["Enter a valid email address."],
			"role": ["\"boss\" is not a valid choice."],
			"salary": ["Ensure that there are no more than 2 decimal places."],
			"department": ["Invalid pk \"999\" - object does not exist."]}`))
		s.call(t, "POST", "/api/v1/people/", fmt.Sprintf(`{"name": "B", "email": "taken@x.example", "salary": "1", "department": %d}`, d)).
			want(400, detail(`{"email": [...]}`))
		s.call(t, "POST", "/api/v1/people/", `{"name": `).want(400, detail(`{"detail": "JSON parse error - Expecting value: line 1 column 10 (char 9)"}`))
		s.call(t, "POST", "/api/v1/people/", `x`, "Content-Type", "text/plain").want(415, `{"code": 415, ...}`)
		s.call(t, "GET", "/api/v1/people/?department=tools", "").want(400, detail(`{"department": {"0": ["A valid integer is required."]}}`))

		notFound := `{"code": 404, "detail": {"detail": "Not found."}, "error_code": "HRM/DEFAULT_EXCEPTION"}`
		for _, path := range []string{"/", "/nothing", "/api/v1/people", "/api/v1/people/1/more/", "/api/v1/people/one/", "/api/v1/people/01/", "//", "/api/v1//people/", "/api/v1/departments/99999999999999999999/"} {
			s.call(t, "GET", path, "").want(404, notFound)
		}
		s.call(t, "DELETE", fmt.Sprintf("/api/v1/departments/%d/restore/", d), "").want(405, `{"code": 405, "detail": {"detail": "Method \"DELETE\" not allowed."}, "error_code": "HRM/DEFAULT_EXCEPTION"}`)
		s.call(t, "GET", fmt.Sprintf("/api/v1/departments/%d/", d), "").want(200, `{...}`)
		if a := s.call(t, "PUT", "/api/v1/people/", `{}`); a.status != 405 || a.header.Get("Allow") == "" {
			t.Errorf("PUT answered %d, Allow %q", a.status, a.header.Get("Allow"))
		}
		s.call(t, "GET", "/mailer/nothing", "").want(404, `{"error_code": "MAILER/DEFAULT_EXCEPTION", ...}`)
	})
}

func TestDeletingADepartmentTakesItsPeopleAlong(t *testing.T) {
	t.Parallel()
	onAllParts(t, func(t *testing.T, s *running) {
		d := s.newDepartment(t, "Research")
		department, inIt := fmt.Sprintf("/api/v1/departments/%d/", d), fmt.Sprintf("/api/v1/people/?department=%d", d)
		earlier := s.hire(t, "Earlier", "earlier@x.example", d, "")
		s.call(t, "DELETE", fmt.Sprintf("/api/v1/people/%d/", earlier), "").want(204, "")
		a, b := s.hire(t, "A", "a@x.example", d, ""), s.hire(t, "B", "b@x.example", d, "")

		rec := eventbustest.Record(t, s.broker, hrmapi.Events)
		s.call(t, "DELETE", department, "").want(204, "")
		s.call(t, "GET", inIt, "").want(200, `[]`)
		s.call(t, "GET", department, "").want(404, `{...}`)
		// Her department is gone: she cannot come back alone.
		s.call(t, "POST", fmt.Sprintf("/api/v1/people/%d/restore/", earlier), "").want(422, `{"code": 422, "error_code": "HRM/RESTORE_CONFLICT", ...}`)
		s.call(t, "POST", department+"restore/", "").want(200, fmt.Sprintf(`{"id": %d, "name": "Research"}`, d))
		s.call(t, "GET", inIt, "").want(200, fmt.Sprintf(`[{"id": %d, ...}, {"id": %d, ...}]`, a, b))
		rec.Wait(4)
		if gone, back := len(eventbustest.All(rec, hrmapi.PersonDeleted)), len(eventbustest.All(rec, hrmapi.PersonUpdated)); gone != 2 || back != 2 {
			t.Errorf("%d person.deleted and %d person.updated, wanted 2 of each", gone, back)
		}

		s.hire(t, "Head", "head@x.example", d, `, "role": "head"`)
		s.call(t, "DELETE", department, "").want(422, `{"code": 422, "detail": {"non_field_errors": ["Delete is unprocessable."]}, "error_code": "HRM/DELETE_PROTECTED"}`)
		s.call(t, "GET", inIt, "").want(200, `[{...}, {...}, {...}]`)

		// Somebody has taken the address meanwhile.
		s.call(t, "DELETE", fmt.Sprintf("/api/v1/people/%d/", a), "").want(204, "")
		s.hire(t, "Successor", "a@x.example", d, "")
		s.call(t, "POST", fmt.Sprintf("/api/v1/people/%d/restore/", a), "").want(422, `{"error_code": "HRM/RESTORE_CONFLICT", ...}`)
	})
}

func TestMailerRetriesThenKeepsThenReplays(t *testing.T) {
	t.Parallel()
	onAllParts(t, func(t *testing.T, s *running) {
		d := s.newDepartment(t, "Research")
		good := s.hire(t, "Good", "good@x.example", d, "")
		bad := s.hire(t, "Bad", "bad@bounce.example", d, "")
		s.eventually(t, "/mailer/sent", `[..., {"address": "good@x.example", "subject": "Welcome, Good"}, ...]`)
		s.eventually(t, "/mailer/garbage", `[..., {"id": ..., "routing_key": "person.created", "attempts": 3,
			"error": "the mail server refuses the address: bad@bounce.example", "failed_at": ..., "body": ...}, ...]`)
		s.eventually(t, "/mailer/garbage", `[{...}, {...}]`) // the seed has one, too
		s.call(t, "PATCH", fmt.Sprintf("/api/v1/people/%d/", bad), `{"email": "bad@x.example"}`).want(200, `{...}`)
		s.call(t, "POST", "/mailer/garbage/replay", "").want(200, `{"replayed": 2}`)
		s.eventually(t, "/mailer/sent", `[..., {"address": "bad@x.example", "subject": "Welcome, Bad"}, ...]`)
		s.eventually(t, "/mailer/garbage", `[{"error": "the mail server refuses the address: cid@bounce.example", ...}]`)
		s.call(t, "DELETE", fmt.Sprintf("/api/v1/people/%d/", good), "").want(204, "")
		s.eventually(t, "/mailer/sent", `[..., {"address": "good@x.example", "subject": "Goodbye, Good"}, ...]`)
	})
}

func TestOnlyServicesReachInternal(t *testing.T) {
	t.Parallel()
	onAllParts(t, func(t *testing.T, s *running) {
		p := s.hire(t, "Ann", "ann@x.example", s.newDepartment(t, "Research"), "")
		path := fmt.Sprintf("/internal/people/%d/", p)
		s.call(t, "GET", path, "").want(401, `{"code": 401, "detail": {"detail": ...}, "error_code": "HRM/DEFAULT_EXCEPTION"}`)
		s.call(t, "GET", path, "", "X-SERVICE-SECRET", "wrong:mailer").want(403, `{"code": 403, ...}`)
		s.call(t, "GET", path, "", "X-SERVICE-SECRET", secret+":mailer").want(200, `{"name": "Ann", ...}`)
		s.call(t, "GET", "/internal/nothing", "", "X-SERVICE-SECRET", secret+":mailer").want(404, `{"error_code": "HRM/DEFAULT_EXCEPTION", ...}`)
	})
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	onAllParts(t, func(t *testing.T, s *running) {
		s.call(t, "GET", "/api/v1/event-system-entities", "").want(200, `{"person.created": {...}, "person.updated": {...}, "person.deleted": {...}}`)
		doc := s.call(t, "GET", "/openapi.json", "").want(200, `{"openapi": "3.1.0", "paths": {"/api/v1/people/{id}/": {...}, ...}, ...}`)
		for _, code := range []string{"HRM/EMAIL_TAKEN", "HRM/DELETE_PROTECTED", "HRM/RESTORE_CONFLICT"} {
			if !bytes.Contains(doc.body, []byte(code)) {
				t.Errorf("openapi.json does not name %s", code)
			}
		}
		if page := s.call(t, "GET", "/docs", ""); page.status != 200 || !strings.Contains(page.header.Get("Content-Type"), "text/html") {
			t.Errorf("/docs answered %d %s", page.status, page.header.Get("Content-Type"))
		}
		s.call(t, "GET", "/asyncapi.json", "").want(200, `{"asyncapi": "3.0.0", "operations": {"send.hrm.person.created": {...}, ...}, ...}`)
		if yaml := s.call(t, "GET", "/asyncapi.yaml", ""); yaml.status != 200 || !bytes.HasPrefix(yaml.body, []byte("asyncapi: \"3.0.0\"")) {
			t.Errorf("asyncapi.yaml answered %d %.40s", yaml.status, yaml.body)
		}
		s.call(t, "GET", "/mailer/asyncapi.json", "").want(200, `{"asyncapi": "3.0.0",
			"channels": {"mailer_welcome": {"address": "mailer:welcome", "x-bound-to": [{"exchange": "hrm", "routingKey": "person.created"}, {"exchange": "hrm", "routingKey": "person.deleted"}], ...}},
			"operations": {"receive.mailer_welcome": {"action": "receive", ...}}, ...}`)
		page := s.call(t, "GET", "/mailer/events", "", "Accept", "text/html,*/*;q=0.8")
		if !bytes.Contains(page.body, []byte("mailer:welcome")) {
			t.Errorf("a browser gets %.200s", page.body)
		}
		page = s.call(t, "GET", "/api/v1/event-system-entities", "", "Accept", "text/html,*/*;q=0.8")
		if !bytes.Contains(page.body, []byte("<html")) || !bytes.Contains(page.body, []byte("person.created")) {
			t.Errorf("a browser gets %.200s", page.body)
		}
	})
}

func TestRunStopsInTime(t *testing.T) {
	t.Parallel()
	onAllParts(t, func(t *testing.T, s *running) {
		d := s.newDepartment(t, "Research")
		for i := range 20 {
			s.hire(t, "Ann", fmt.Sprintf("ann%d@x.example", i), d, "")
		}
		began := time.Now()
		if err := s.stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("it took %v to stop", took)
		}
		if text := s.out.String(); strings.Count(text, "\n  curl ") != 3 || !strings.Contains(text, s.base+"/docs") {
			t.Errorf("printed %s", text)
		}
	})
}
