CREATE TABLE "destination" (
	"acts_at" text NOT NULL,
	"source_id" text DEFAULT '' NOT NULL,
	"claim" text NOT NULL,
	CONSTRAINT "destination_acts_at_source_id_pk" PRIMARY KEY("acts_at","source_id")
);
--> statement-breakpoint
CREATE TABLE "drift" (
	"subject_id" uuid NOT NULL,
	"source_id" text NOT NULL,
	"scope" text NOT NULL,
	"differences" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"gaps" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"looked" text[] DEFAULT '{}' NOT NULL,
	"holds_until" timestamp (3) with time zone,
	"composed_at" timestamp (3) with time zone NOT NULL,
	"digest" uuid NOT NULL,
	CONSTRAINT "drift_subject_id_source_id_pk" PRIMARY KEY("subject_id","source_id")
);
--> statement-breakpoint
CREATE TABLE "gitops" (
	"id" uuid NOT NULL,
	"source_id" text NOT NULL,
	"cluster_id" uuid,
	"kind" text NOT NULL,
	"namespace" text NOT NULL,
	"name" text NOT NULL,
	"tool" text NOT NULL,
	"app" text NOT NULL,
	"ready" text,
	"reason" text,
	"message" text,
	"suspended" boolean NOT NULL,
	"pause" jsonb,
	"expected_revision" text,
	"expected_at" timestamp (3) with time zone,
	"attempted_revision" text,
	"applied_revision" text,
	"applied_at" timestamp (3) with time zone,
	"behind" boolean,
	"behind_since" timestamp (3) with time zone,
	"interval_ms" bigint,
	"repository" text,
	"path" text,
	"chart" text,
	"version" text,
	"applies_from_id" uuid,
	"composed_at" timestamp (3) with time zone NOT NULL,
	"digest" uuid NOT NULL,
	CONSTRAINT "gitops_id_source_id_pk" PRIMARY KEY("id","source_id")
);
--> statement-breakpoint
CREATE TABLE "stray" (
	"source_id" text NOT NULL,
	"cluster_id" uuid NOT NULL,
	CONSTRAINT "stray_cluster_id_source_id_pk" PRIMARY KEY("cluster_id","source_id")
);
--> statement-breakpoint
ALTER TABLE "object" ADD COLUMN "revision_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "object" ADD COLUMN "paused_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "object" ADD COLUMN "acts_at" text;--> statement-breakpoint
ALTER TABLE "object" ADD COLUMN "relies_on" uuid[];--> statement-breakpoint
ALTER TABLE "reading" ADD COLUMN "told" text;--> statement-breakpoint
ALTER TABLE "reading" ADD COLUMN "relies_on" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "source" ADD COLUMN "composed_by" text;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "topology" jsonb;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "endpoint" text;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "managed_by" jsonb;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "rollouts" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "cluster" ADD COLUMN "rollout_started_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "finding" ADD COLUMN "scope" text DEFAULT 'cluster' NOT NULL;--> statement-breakpoint
ALTER TABLE "finding" ADD COLUMN "code" text;--> statement-breakpoint
ALTER TABLE "finding" ADD COLUMN "dimension" text;--> statement-breakpoint
ALTER TABLE "finding" ADD COLUMN "about_id" uuid;--> statement-breakpoint
ALTER TABLE "finding" ADD COLUMN "about" jsonb;--> statement-breakpoint
ALTER TABLE "finding" ADD COLUMN "field" text;--> statement-breakpoint
ALTER TABLE "finding" ADD COLUMN "expected" text;--> statement-breakpoint
ALTER TABLE "finding" ADD COLUMN "actual" text;--> statement-breakpoint
ALTER TABLE "finding" ADD COLUMN "likely" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "finding" ADD COLUMN "suppressed_by" text;--> statement-breakpoint
CREATE INDEX "drift_by_holds_until" ON "drift" USING btree ("holds_until") WHERE holds_until is not null;--> statement-breakpoint
CREATE INDEX "gitops_by_name" ON "gitops" USING btree ("name","id");--> statement-breakpoint
CREATE INDEX "gitops_by_cluster" ON "gitops" USING btree ("cluster_id") WHERE cluster_id is not null;--> statement-breakpoint
CREATE INDEX "gitops_by_lag" ON "gitops" USING btree (coalesce(case when behind then behind_since end, 'infinity'::timestamptz),"id");--> statement-breakpoint
CREATE INDEX "gitops_by_applies_from" ON "gitops" USING btree ("applies_from_id") WHERE applies_from_id is not null;--> statement-breakpoint
CREATE INDEX "gitops_of_source" ON "gitops" USING btree ("source_id") WHERE cluster_id is null;--> statement-breakpoint
CREATE INDEX "gitops_by_app" ON "gitops" USING btree ("app");--> statement-breakpoint
CREATE INDEX "stray_by_source" ON "stray" USING btree ("source_id");--> statement-breakpoint
CREATE INDEX "object_by_relied" ON "object" USING gin ("relies_on") WITH (fastupdate=false) WHERE relies_on is not null;--> statement-breakpoint
CREATE INDEX "object_by_acts_at" ON "object" USING btree ("source_id","acts_at") WHERE acts_at is not null;--> statement-breakpoint
CREATE INDEX "object_unclaimed" ON "object" USING btree ("source_id") WHERE cluster_id is null and gone_at is null;--> statement-breakpoint
CREATE INDEX "object_gone_cluster" ON "object" USING btree ("source_id","gone_at") WHERE kind = 'cluster.x-k8s.io/Cluster' and gone_at is not null;--> statement-breakpoint
CREATE INDEX "object_remediated" ON "object" USING btree ("cluster_id") WHERE facts ? 'remediation';--> statement-breakpoint
CREATE INDEX "object_by_paused" ON "object" USING btree ("paused_since","id") WHERE paused_since is not null and gone_at is null;--> statement-breakpoint
CREATE INDEX "cluster_by_manager" ON "cluster" USING btree ("source_id",(managed_by ->> 'name')) WHERE managed_by is not null;--> statement-breakpoint
CREATE INDEX "cluster_by_endpoint" ON "cluster" USING btree ("endpoint") WHERE endpoint is not null;--> statement-breakpoint
CREATE INDEX "drift_by_code" ON "finding" USING btree ("code","since","id") WHERE code is not null and (outcome <> 'Pass' or violated_since is not null);--> statement-breakpoint
CREATE INDEX "drift_by_since" ON "finding" USING btree ("since","id") WHERE code is not null and (outcome <> 'Pass' or violated_since is not null);--> statement-breakpoint
CREATE INDEX "finding_by_about" ON "finding" USING btree ("about_id") WHERE about_id is not null;--> statement-breakpoint
UPDATE "reading" SET "cursor" = NULL;--> statement-breakpoint
INSERT INTO "unsettled" ("source_id", "cluster_id", "owner_namespace", "owner_name")
SELECT DISTINCT ON ("source_id", "cluster_id") "source_id", "cluster_id", coalesce("owner_namespace", ''), coalesce("owner_name", '') FROM "object"
WHERE "cluster_id" IS NOT NULL AND "gone_at" IS NULL;--> statement-breakpoint
INSERT INTO "unsettled" ("source_id", "cluster_id", "owner_namespace", "owner_name")
SELECT "source_id", "id", "namespace", "name" FROM "cluster" WHERE "gone_at" IS NULL;--> statement-breakpoint
INSERT INTO "unsettled" ("source_id", "cluster_id", "owner_namespace", "owner_name")
SELECT "id", (substr("h", 1, 8) || '-' || substr("h", 9, 4) || '-8' || substr("h", 14, 3) || '-8' || substr("h", 18, 3) || '-' || substr("h", 21, 12))::uuid, '', ''
FROM (SELECT "id", encode(sha256(convert_to('source:' || "id", 'UTF8')), 'hex') AS "h" FROM "source" WHERE "type" = 'managementCluster') "s";
