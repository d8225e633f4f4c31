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
ALTER TABLE "object" ADD COLUMN "revision_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "object" ADD COLUMN "paused_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "object" ADD COLUMN "acts_at" text;--> statement-breakpoint
ALTER TABLE "object" ADD COLUMN "relies_on" uuid[];--> statement-breakpoint
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
CREATE INDEX "gitops_by_name" ON "gitops" USING btree ("name","id");--> statement-breakpoint
CREATE INDEX "gitops_by_cluster" ON "gitops" USING btree ("cluster_id") WHERE cluster_id is not null;--> statement-breakpoint
CREATE INDEX "gitops_by_app" ON "gitops" USING btree ("app");--> statement-breakpoint
CREATE INDEX "object_by_relied" ON "object" USING gin ("relies_on") WHERE relies_on is not null;--> statement-breakpoint
CREATE INDEX "object_by_acts_at" ON "object" USING btree ("acts_at") WHERE acts_at is not null;--> statement-breakpoint
CREATE INDEX "object_by_paused" ON "object" USING btree ("paused_since","id") WHERE paused_since is not null and gone_at is null;--> statement-breakpoint
CREATE INDEX "cluster_by_endpoint" ON "cluster" USING btree ("endpoint") WHERE endpoint is not null;--> statement-breakpoint
CREATE INDEX "finding_by_code" ON "finding" USING btree ("code","since","id") WHERE code is not null;--> statement-breakpoint
CREATE INDEX "finding_by_about" ON "finding" USING btree ("about_id") WHERE about_id is not null;