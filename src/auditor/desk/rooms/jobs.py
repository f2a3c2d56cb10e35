"""Long work while it runs, and what came of it."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from auditor.desk.jobs import Job, state_word
from auditor.desk.routes import act, page
from auditor.desk.visit import Visit
from auditor.i18n import _
from auditor.workflow.months import BEIJING


def show_job(visit: Visit) -> Response:
    """Show how far it is; asked for once a second while it runs."""
    job = visit.job()
    if visit.in_panel and job.state == "done" and job.outcome.get("go"):
        return _go_on(visit, job)
    end = datetime.fromisoformat(job.ended_at) if job.ended_at else datetime.now(BEIJING)
    seconds = max(0, int((end - datetime.fromisoformat(job.started_at)).total_seconds()))
    return visit.show(
        "jobs/job.html",
        nav="job",
        job=job,
        seconds=seconds,
        state_word=state_word(job.state),
        curve=_curve(job),
        back=str(job.arguments.get("back", "")),
    )


def _go_on(visit: Visit, job: Job) -> Response:
    """Lead whoever watched it end to its result, with the sentence that tells what came of it.

    What did not come out well is told by the result's own page, and not as a thing done.
    """
    answer = visit.go(str(job.outcome["go"]), job.told if job.outcome.get("ok", True) else "")
    answer.status_code = 200
    answer.headers["hx-redirect"] = answer.headers["location"]
    del answer.headers["location"]
    return answer


def _curve(job: Job) -> dict[str, str] | None:
    """Give two lines in a field of 600 × 160: best and bound over the seconds."""
    if len(job.points) < 2:
        return None
    last = max(point[0] for point in job.points) or 1
    values = [value for point in job.points for value in point[1:]]
    low, high = min(values), max(values)
    room = (high - low) or 1

    def line(of: int) -> str:
        return " ".join(
            f"{point[0] / last * 590 + 5:.0f},{150 - (point[of] - low) / room * 140:.0f}"
            for point in job.points
        )

    return {"best": line(1), "bound": line(2)}


def stop_job(visit: Visit) -> Response:
    """Ask it to end."""
    job = visit.job()
    keep = visit.field("keep") == "1" and job.keeps_best
    visit.desk.jobs.stop(job.number, keep_best=keep)
    return visit.go(f"/jobs/{job.number}", _("it ends with the best it has") if keep else _("it was stopped"))


ROUTES = (page("/jobs/{number}", show_job), act("/jobs/{number}/stop", stop_job))
