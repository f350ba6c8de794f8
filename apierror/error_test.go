package apierror_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

func TestErrorsAreTheSameByFullCode(t *testing.T) {
	t.Parallel()
	hrm, twin, other := apierror.NewCatalog("hrm"), apierror.NewCatalog("HRM"), apierror.NewCatalog("bg")
	gone := hrm.Declare("GONE", "The person has left.", apierror.Status(410))
	late := hrm.Declare("LATE", "")
	sameElsewhere := twin.Declare("GONE", "")
	otherService := other.Declare("GONE", "", apierror.Status(410))
	body := func(code string) []byte { return fmt.Appendf(nil, `{"error_code": %q}`, code) }

	tests := map[string]struct {
		err, target error
		want        bool
	}{
		"itself":               {gone, gone, true},
		"another detail":       {gone.With("x"), gone, true},
		"a cause":              {gone.Wrap(io.EOF), gone, true},
		"the cause":            {gone.With("x").Wrap(io.EOF), io.EOF, true},
		"wrapped":              {fmt.Errorf("load: %w", gone.With("x")), gone, true},
		"occurrence as target": {gone, gone.With("x"), true},
		"same name of service": {gone, sameElsewhere, true},
		"decoded":              {apierror.Decode(410, nil, body("HRM/GONE")), gone, true},
		"decoded, status 422":  {apierror.Decode(422, nil, body("HRM/GONE")), gone, true},
		"kept status":          {apierror.KeepStatus(apierror.Decode(410, nil, body("HRM/GONE"))), gone, true},
		"made by hand":         {apierror.NewProxy("HRM/GONE", nil), gone, true},
		"proxy as target":      {gone, apierror.NewProxy("HRM/GONE", nil), true},
		"another code":         {gone, late, false},
		"another service":      {gone, otherService, false},
		"decoded other":        {apierror.Decode(410, nil, body("BG/GONE")), gone, false},
		"code of lower case":   {apierror.Decode(410, nil, body("hrm/GONE")), gone, false},
		"standard":             {fmt.Errorf("x: %w", apierror.NotFound().With("y")), apierror.NotFound(), true},
		"standard, other":      {apierror.NotFound(), apierror.Forbidden(), false},
		"declared 410 and 410": {gone, apierror.New(410, nil), false},
		"decoded default code": {apierror.Decode(404, nil, body("HRM/DEFAULT_EXCEPTION")), apierror.NotFound(), true},
		"default, other":       {apierror.Decode(403, nil, body("HRM/DEFAULT_EXCEPTION")), apierror.NotFound(), false},
		"page of a gateway":    {apierror.Decode(404, nil, []byte("<html>")), apierror.NotFound(), false},
		"unlike":               {gone, io.EOF, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := errors.Is(tt.err, tt.target); got != tt.want {
				t.Errorf("errors.Is(%v, %v) = %v", tt.err, tt.target, got)
			}
		})
	}
}

func TestWithAndWrapReturnCopies(t *testing.T) {
	t.Parallel()
	d := apierror.NewCatalog("hrm").Declare("A", "default")
	first := d.With("one")
	second := first.With("two").Wrap(io.EOF)
	if first.ErrorDetail() != "one" || first.Unwrap() != nil || d.ErrorDetail() != "default" {
		t.Errorf("changed: %v, %v", first, d)
	}
	if got := second.Error(); got != "HRM/A: two: EOF" {
		t.Errorf("text: %q", got)
	}
	if got := d.With(nil).ErrorDetail(); got != "default" {
		t.Errorf("With(nil): %v", got)
	}
	if got := d.With(map[string]int{"n": 1}).Error(); got != `HRM/A: {"n":1}` {
		t.Errorf("text: %q", got)
	}
	if got := apierror.NotFound().Error(); got != "404 Not Found: Not found." {
		t.Errorf("text: %q", got)
	}
}

func TestRetryAfterIsToldToRetry(t *testing.T) {
	t.Parallel()
	if wait, ok := apierror.TooManyRequests(time.Minute).With("slow").RetryAfter(); wait != time.Minute || !ok {
		t.Errorf("got %v %v", wait, ok)
	}
	if _, ok := apierror.TooManyRequests(-1).RetryAfter(); ok {
		t.Error("a negative wait counts")
	}
}
